-- $1 one contact, or NULL  $2 an address, or NULL  $3 the last id of the page before, or NULL  $4 limit
SELECT c.id, c.email, c.first_name, c.last_name, c.company, c.phone, c.timezone, c.attributes::text,
       c.do_not_track, c.status, c.created_at, c.updated_at
  FROM contacts c
 WHERE c.deleted_at IS NULL AND ($1::uuid IS NULL OR c.id = $1::uuid) AND ($2::text IS NULL OR c.email = $2::text)
   AND ($3::uuid IS NULL OR c.id > $3::uuid)
 ORDER BY c.id LIMIT $4::int
