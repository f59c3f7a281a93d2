-- Members dead for a day.
DELETE FROM bus_member WHERE lease_until < clock_timestamp() - interval '1 day'
