-- NULL leaves a value as it is, an empty text clears it. `updated_at` lets the janitor look at held mail again.
-- $1 contact  $2 first name  $3 last name  $4 company  $5 phone  $6 zone  $7 attributes
-- $8 not to be tracked
UPDATE contacts c
   SET first_name = NULLIF(COALESCE($2::text, c.first_name), ''),
       last_name = NULLIF(COALESCE($3::text, c.last_name), ''),
       company = NULLIF(COALESCE($4::text, c.company), ''), phone = NULLIF(COALESCE($5::text, c.phone), ''),
       timezone = NULLIF(COALESCE($6::text, c.timezone), ''),
       attributes = jsonb_strip_nulls(c.attributes || COALESCE($7::jsonb, '{}')),
       do_not_track = COALESCE($8::boolean, c.do_not_track), updated_at = clock_timestamp()
 WHERE c.id = $1::uuid AND c.deleted_at IS NULL
