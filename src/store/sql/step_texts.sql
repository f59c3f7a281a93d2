-- Texts of step versions; immutable, so senders keep them. $1 ids
SELECT v.id, v.subject, v.content, v.content_text
  FROM unnest($1::uuid[]) AS asked(id) JOIN step_versions v ON v.id = asked.id
