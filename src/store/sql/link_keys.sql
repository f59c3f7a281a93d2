SELECT id, sealed_key, signs_from FROM link_keys ORDER BY id
