# ctest: fast
"""One person through the API: what is missing is filled in, a deletion stops their mail, an erasure is for good."""
import unittest

from world import STEPS, Story, people


class ContactBook(Story):
    def begin(self, **settings):
        world = self.world(**settings)
        world.sink()
        world.serve()
        world.mailbox(0)
        return world

    def person(self, world, email):
        return world.api("GET", f"/api/v1/contacts?email={email}")["items"][0]

    def test_a_value_that_a_mail_waits_for_is_filled_in(self):
        world = self.begin()
        world.enrol(world.sequence([{"subject": "Hello {{company}}", "content": "<p>{{custom.plan}}</p>"}]),
                    [{"email": "ana@people.test"}])
        self.until(lambda: world.statuses() == {"held": 1}, 15, world)
        ana = self.person(world, "Ana@People.test")
        status, _, changed = world.call("PATCH", f"/api/v1/contacts/{ana['id']}",
                                        {"company": "Acme", "attributes": {"plan": "pro"}})
        self.assertEqual((200, "Acme", {"plan": "pro"}), (status, changed["company"], changed["attributes"]))
        self.until(lambda: world.statuses() == {"sent": 1}, 15, world)
        self.until(lambda: world.enrollments() == {"completed": 1}, 15, world)
        self.verify(world)

    def test_a_deletion_stops_every_mail_of_the_person_and_no_other(self):
        world = self.begin()
        later = [{**STEPS[0], "wait_days": 300}]
        for _ in range(3):
            world.enrol(world.sequence(later), people(2))
        first = self.person(world, "p0@people.test")
        status, _, answer = world.call("DELETE", f"/api/v1/contacts/{first['id']}")
        self.assertEqual((200, "deleted", 3), (status, answer["status"], answer["receipt"]["cancelled"]))
        self.assertEqual({"cancelled": 3, "scheduled": 3}, world.statuses())
        self.assertEqual([("deleted", 3)], world.sql("SELECT reason, count(*) FROM sequence_contacts "
                                                     "WHERE status = 'stopped' GROUP BY 1"))
        self.assertEqual(404, world.call("GET", f"/api/v1/contacts/{first['id']}")[0])
        self.assertEqual({}, world.died())

    def test_row_22_an_erased_person_leaves_no_trace_and_no_import_brings_them_back(self):
        world = self.begin()
        sequence = world.sequence([STEPS[0], {**STEPS[1], "wait_days": 300}])
        world.enrol(sequence, [{"email": "Ana.Li@people.test", "first_name": "Anabel", "last_name": "Lithgow",
                                "attributes": {"city": "Rome"}}])
        self.until(lambda: world.statuses() == {"sent": 1, "scheduled": 1}, 15, world)
        ana = self.person(world, "ana.li@people.test")
        self.assertEqual(200, world.call("DELETE", f"/api/v1/contacts/{ana['id']}?erase=true")[0])
        self.assertEqual({"sent": 1, "cancelled": 1}, world.statuses())

        tables = [row[0] for row in world.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            text = str(world.sql(f"SELECT t::text FROM {table} t")).lower()
            for trace in ("ana.li", "anabel", "lithgow", "rome"):
                self.assertNotIn(trace, text, table)
        for again in ("ana.li@people.test", "ANA.LI@people.test"):
            answer = world.enrol(world.sequence(STEPS[:1]), [{"email": again, "first_name": "Ana"}])
            self.assertEqual((0, "suppressed"), (answer["contacts_added"], answer["skipped"][0]["code"]))
        check = world.api("GET", "/api/v1/suppressions/check?email=ana.li@people.test")
        self.assertEqual((True, "hash"), (check["suppressed"], check["by"]["kind"]))
        self.assertEqual(409, world.call("DELETE", f"/api/v1/suppressions/{check['by']['id']}")[0])
        self.verify(world)

    def test_a_suppressed_domain_keeps_everybody_in_it_out_until_it_is_taken_off(self):
        world = self.begin()
        later = [{**STEPS[0], "wait_days": 300}]
        world.enrol(world.sequence(later), people(3))
        status, _, answer = world.call("POST", "/api/v1/suppressions",
                                       [{"value": "PEOPLE.test", "note": "asked by phone"}, {"value": "x@y.test"}])
        self.assertEqual((201, 2, 0, 3), (status, answer["added"], answer["skipped"], answer["receipt"]["cancelled"]))
        skipped = world.enrol(world.sequence(later), people(1, 7))["skipped"]
        self.assertEqual(["suppressed"], [one["code"] for one in skipped])
        entry = [one for one in world.api.pages("/api/v1/suppressions", limit=1) if one["kind"] == "domain"][0]
        self.assertEqual(("people.test", "manual", "asked by phone"), (entry["value"], entry["reason"], entry["note"]))
        self.assertEqual(204, world.call("DELETE", f"/api/v1/suppressions/{entry['id']}")[0])
        self.assertEqual(1, world.enrol(world.sequence(later), people(1, 7))["contacts_added"])
        self.assertEqual({"cancelled": 3, "scheduled": 1}, world.statuses())
        self.assertEqual({}, world.died())


if __name__ == "__main__":
    unittest.main()
