# ctest: fast
"""Flow 2: POST /api/v1/sequences/{id}/contacts. One row per person, whoever posts whatever how often."""
import threading
import unittest

from world import World, people

STEP = {"subject": "Hello", "content": "<p>Hello</p>"}
NOBODY = "018f0000-0000-7000-8000-000000000000"


class AddContacts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World("contacts")
        cls.addClassCleanup(cls.world.close)
        cls.world.serve("api", "api")
        cls.mailbox = cls.world.mailbox()

    def setUp(self):
        # People of one test are nobody's of another.
        self.tag = self.id().rsplit("_", maxsplit=1)[-1]
        self.sequence = self.world.sequence([STEP])

    def post(self, contacts, sequence=None, query=""):
        return self.world.call("POST", f"/api/v1/sequences/{sequence or self.sequence}/contacts{query}",
                               {"contacts": contacts})

    def added(self, contacts, **where):
        status, _, answer = self.post(contacts, **where)
        self.assertEqual(201, status, answer)
        return answer

    def skipped(self, contacts, **where):
        """{index: code}, checked against the count."""
        answer = self.added(contacts, **where)
        self.assertEqual(len(answer["skipped"]), answer["contacts_skipped"])
        self.assertTrue(all(one["detail"] for one in answer["skipped"]))
        return {one["index"]: one["code"] for one in answer["skipped"]}

    def enrolled(self, sequence=None):
        return self.world.one("SELECT count(*) FROM sequence_contacts WHERE sequence_id = %s",
                              sequence or self.sequence)

    def test_the_documents_request_gets_exactly_its_count(self):
        self.assertEqual({"contacts_added": 1}, self.added([
            {"email": "ana@acme.test", "first_name": "Ana", "last_name": "Li", "company": "Acme"}]))
        self.assertEqual([("Ana", "Li", "Acme", "active")], self.world.sql(
            "SELECT first_name, last_name, company, status::text FROM contacts WHERE email = 'ana@acme.test'"))

    def test_each_person_gets_a_first_mail_now_from_the_least_loaded_mailbox(self):
        boxes = [self.world.mailbox(number) for number in (101, 102, 103)]
        sequence = self.world.sequence([STEP, STEP], mailboxes=boxes)
        self.added(people(30, local="share{}"), sequence=sequence)
        loads = self.world.sql("SELECT q.mailbox_id, count(*), count(sc.mailbox_id), max(q.step_order), "
                               "max(abs(extract(epoch FROM now() - q.scheduled_for))) < 30 FROM email_queues q "
                               "JOIN sequence_contacts sc ON sc.id = q.sequence_contact_id "
                               "WHERE sc.sequence_id = %s AND sc.mailbox_id = q.mailbox_id GROUP BY 1", sequence)
        self.assertEqual(sorted((box, 10, 10, 0, True) for box in boxes), sorted(loads))

    def test_the_first_mail_waits_the_first_steps_days(self):
        sequence = self.world.sequence([{**STEP, "wait_days": 30}])
        self.added(people(1, local="later{}"), sequence=sequence)
        self.assertAlmostEqual(30, self.world.one(
            "SELECT extract(epoch FROM q.scheduled_for - sc.started_at) FROM email_queues q JOIN sequence_contacts sc "
            "ON sc.id = q.sequence_contact_id WHERE sc.sequence_id = %s", sequence), delta=1)

    def test_the_same_list_again_adds_nobody(self):
        contacts = people(100, local="same{}")
        self.assertEqual({"contacts_added": 100}, self.added(contacts))
        again = self.added(contacts)
        self.assertEqual((0, 100), (again["contacts_added"], again["contacts_skipped"]))
        self.assertEqual({"already_enrolled"}, {one["code"] for one in again["skipped"]})
        self.assertEqual({"contacts_added": 20}, {k: v for k, v in self.added(
            contacts[:30] + people(20, start=100, local="same{}")).items() if k == "contacts_added"})

    def test_case_and_blanks_make_no_second_person(self):
        spelled = ["Mixed.Case@Acme.Test", " mixed.case@acme.test\t", "mixed.case@ACME.TEST"]
        self.assertEqual({1: "duplicate_in_request", 2: "duplicate_in_request"},
                         self.skipped([{"email": text} for text in spelled]))
        self.assertEqual(1, self.world.one("SELECT count(*) FROM contacts WHERE email = 'mixed.case@acme.test'"))
        other = self.world.sequence([STEP])
        self.assertEqual(1, self.added([{"email": "MIXED.CASE@acme.test"}], sequence=other)["contacts_added"])
        self.assertEqual(1, self.world.one("SELECT count(*) FROM contacts WHERE email = 'mixed.case@acme.test'"))

    def test_an_international_domain_is_one_person_with_its_ascii_form(self):
        self.assertEqual({1: "duplicate_in_request"},
                         self.skipped([{"email": "x@MÜNCHEN.test"}, {"email": "x@xn--mnchen-3ya.test"}]))

    def test_addresses_that_are_none_are_listed_and_the_others_are_added(self):
        wrong = ["", "   ", "ana", "@acme.test", "ana@", "ana@acme", "a b@acme.test", "ana@acme.test,bob@acme.test",
                 "ana@@acme.test", "ana@acme..test", "ana@-acme.test", "a\r\nRCPT TO:<b@c.test>@acme.test",
                 "<ana@acme.test>", "a" * 65 + "@acme.test", "a@" + "b" * 300 + ".test",
                 "ana@acme.test\r\nBcc: x@y.test"]
        answer = self.added([{"email": text} for text in wrong] + people(1, local="right{}"))
        self.assertEqual(1, answer["contacts_added"], answer)
        self.assertEqual(list(range(len(wrong))), [one["index"] for one in answer["skipped"]])
        self.assertEqual({"invalid_email"}, {one["code"] for one in answer["skipped"]})
        self.assertEqual(wrong, [one["email"] for one in answer["skipped"]])

    def test_who_must_not_be_mailed_is_listed_with_the_reason(self):
        self.world.sql("INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'no@acme.test', 'manual'), "
                       "('domain', 'never.test', 'manual'), ('email', 'out@acme.test', 'unsubscribed')")
        self.assertEqual({0: "suppressed", 1: "suppressed", 2: "unsubscribed"},
                         self.skipped([{"email": "NO@acme.test"}, {"email": "any@never.test"},
                                       {"email": "out@acme.test"}, {"email": "yes@acme.test"}]))

    def test_ten_thousand_fit_in_one_request_and_one_more_does_not(self):
        self.assertEqual({"contacts_added": 10_000}, self.added(people(10_000, local="many{}")))
        self.assertEqual(10_000, self.enrolled())
        other = self.world.sequence([STEP])
        status, _, problem = self.post(people(10_001, local="more{}"), sequence=other)
        self.assertEqual((413, "too-many-contacts"), (status, problem["code"]))
        self.assertIn("10000", problem["remedy"])
        self.assertEqual(0, self.enrolled(other))

    def test_of_many_left_out_the_first_thousand_are_listed_and_all_are_counted(self):
        answer = self.added([{"email": "nobody"}] * 1_500)
        self.assertEqual((0, 1_500, 1_000), (answer["contacts_added"], answer["contacts_skipped"],
                                             len(answer["skipped"])))

    def test_a_sequence_that_does_not_exist_or_is_not_active_takes_nobody(self):
        status, _, problem = self.post(people(1), sequence=NOBODY)
        self.assertEqual((404, "not-found"), (status, problem["code"]))
        for state in ("draft", "paused"):
            sequence = self.world.sequence([STEP], status=state)
            status, _, problem = self.post(people(1), sequence=sequence)
            self.assertEqual((409, "sequence-not-active"), (status, problem["code"]))
            self.assertIn(state, problem["detail"])
            self.assertIn("activate", problem["remedy"])
            self.assertEqual(0, self.enrolled(sequence))

    def test_on_error_abort_writes_nobody_and_names_each(self):
        self.added([{"email": "first@abort.test"}])
        for wrong, code in (("first@abort.test", "already_enrolled"), ("x@", "invalid_email")):
            status, _, problem = self.post([{"email": "new@abort.test"}, {"email": wrong}], query="?on_error=abort")
            self.assertEqual((422, [("/contacts/1", code)]),
                             (status, [(error["pointer"], error["code"]) for error in problem["errors"]]))
        self.assertEqual(1, self.enrolled())
        self.assertEqual(0, self.world.one("SELECT count(*) FROM contacts WHERE email = 'new@abort.test'"))
        status, _, answer = self.post([{"email": "new@abort.test"}], query="?on_error=abort")
        self.assertEqual((201, {"contacts_added": 1}), (status, answer))

    def test_a_wrong_form_is_refused_with_a_pointer_to_each_place(self):
        status, _, problem = self.post([{"email": "a@acme.test", "firstname": "A"}, {"first_name": "B"}, "c@acme.test",
                                        {"email": "d@acme.test", "company": 5, "attributes": {"x": {"y": 1}}}])
        self.assertEqual(422, status)
        errors = {error["pointer"]: error for error in problem["errors"]}
        self.assertEqual({"/contacts/0/firstname", "/contacts/1/email", "/contacts/2", "/contacts/3/company",
                          "/contacts/3/attributes/x"}, set(errors))
        self.assertIn("`first_name`", errors["/contacts/0/firstname"]["detail"])
        self.assertEqual(0, self.enrolled())
        for query, parameter in (("?on_eror=skip", "on_eror"), ("?on_error=stop", "on_error")):
            status, _, problem = self.post(people(1), query=query)
            self.assertEqual((422, [parameter]), (status, [error["parameter"] for error in problem["errors"]]))

    def test_free_data_is_kept(self):
        self.added([{"email": "free@acme.test", "phone": "+49 1", "timezone": "Europe/Berlin",
                     "attributes": {"role": "CTO", "size": 19.99, "vip": True, "none": None}}])
        self.assertEqual([("+49 1", "Europe/Berlin", {"role": "CTO", "size": 19.99, "vip": True, "none": None})],
                         self.world.sql("SELECT phone, timezone, attributes FROM contacts "
                                        "WHERE email = 'free@acme.test'"))

    def test_fifty_requests_at_once_with_the_same_people_enrol_each_once(self):
        contacts, answers = people(20, local="race{}"), []
        start = threading.Barrier(50)

        def post(turn):
            start.wait()
            answers.append(self.post(contacts[turn % 20:] + contacts[:turn % 20]))

        threads = [threading.Thread(target=post, args=(turn,)) for turn in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({201}, {status for status, _, _ in answers}, [a[2] for a in answers if a[0] != 201][:2])
        self.assertEqual(20, sum(answer["contacts_added"] for _, _, answer in answers))
        self.assertEqual([(20, 20, 20)], self.world.sql(
            "SELECT count(DISTINCT sc.contact_id), count(DISTINCT sc.id), count(q.id) FROM sequence_contacts sc "
            "JOIN email_queues q ON q.sequence_contact_id = sc.id WHERE sc.sequence_id = %s", self.sequence))


if __name__ == "__main__":
    unittest.main()
