-- Per group and partition: records behind that can still be read, and records that retention took unread.
SELECT l.grp, t.name, l.part::int, p.next_off - GREATEST(l.committed_off, p.log_start) AS behind,
       GREATEST(p.log_start - l.committed_off, 0) AS lost
  FROM bus_lease l JOIN bus_partition p USING (topic, part) JOIN bus_topic t USING (topic)
 ORDER BY l.grp, t.name, l.part
