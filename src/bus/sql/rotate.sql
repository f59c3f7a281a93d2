-- Retention: says what became of it (rotated, young, needed, locked, busy). $1 ring
SELECT bus_rotate($1::smallint)
