# ctest: fast
"""Flow 1: POST /api/v1/sequences, by what the design document and the API's description promise."""
import unittest

from world import STEPS, World

PATH = "/api/v1/sequences"
STEP = {"subject": "Hello", "content": "<p>Hello</p>"}


class CreateSequence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World("create")
        cls.addClassCleanup(cls.world.close)
        cls.world.serve("api", "api")

    def post(self, body, **headers):
        return self.world.call("POST", PATH, body, **headers)

    def created(self, **members):
        status, _, answer = self.post({"name": "Q1", "steps": [STEP], **members})
        self.assertEqual(201, status, answer)
        return self.world.api("GET", f"{PATH}/{answer['id']}")

    def refused(self, body):
        """Its errors by pointer; nothing may have been written."""
        before = self.world.one("SELECT count(*) FROM sequences")
        status, headers, problem = self.post(body)
        self.assertEqual(422, status, problem)
        self.assertEqual("application/problem+json", headers["Content-Type"])
        self.assertEqual(before, self.world.one("SELECT count(*) FROM sequences"))
        return {error["pointer"]: error for error in problem["errors"]}

    def test_the_documents_request_gets_exactly_three_members_and_its_place(self):
        status, headers, answer = self.post({"name": "Q1 outreach", "steps": [
            {"subject": "Hi {{first_name}}", "content": "Hello {{first_name}} of {{company}}", "wait_days": 0},
            {"subject": "Following up", "content": "Again", "wait_days": 3}],
            "open_tracking_enabled": True, "click_tracking_enabled": True})
        self.assertEqual(201, status)
        self.assertEqual({"id": answer["id"], "name": "Q1 outreach", "step_count": 2}, answer)
        self.assertEqual(f"{PATH}/{answer['id']}", headers["Location"])
        self.assertEqual("application/json", headers["Content-Type"])
        self.assertEqual(200, self.world.call("GET", headers["Location"])[0])

    def test_what_is_left_out_has_the_documents_defaults(self):
        sequence = self.created(steps=STEPS[:2] + [STEP])
        self.assertEqual("active", sequence["status"])
        self.assertTrue(sequence["open_tracking_enabled"] and sequence["click_tracking_enabled"])
        self.assertEqual([0, 1, 1], [step["wait_days"] for step in sequence["steps"]])
        self.assertEqual([0, 1, 2], [step["step_order"] for step in sequence["steps"]])
        self.assertEqual([], sequence["mailbox_ids"])

    def test_what_is_given_is_kept_as_it_is(self):
        mailbox = self.world.api("POST", "/api/v1/mailboxes", {
            "email": "m@mail.test", "smtp_host": "127.0.0.1", "smtp_port": 2525, "tls": "none"})["id"]
        name = "Größe ✓ 名前 " + "x" * 244
        sequence = self.created(name=name, status="draft", mailbox_ids=[mailbox], click_tracking_enabled=False,
                                steps=[{**STEP, "content": "<p>\r\n\ttabs, „quotes“, 😀</p>", "wait_days": 365}])
        self.assertEqual((255, name), (len(sequence["name"]), sequence["name"]))
        self.assertEqual(("draft", [mailbox]), (sequence["status"], sequence["mailbox_ids"]))
        self.assertEqual((True, False), (sequence["open_tracking_enabled"], sequence["click_tracking_enabled"]))
        self.assertEqual("<p>\r\n\ttabs, „quotes“, 😀</p>", sequence["steps"][0]["content"])
        self.assertEqual(365, sequence["steps"][0]["wait_days"])

    def test_the_whole_sequence_comes_back_where_it_is_preferred(self):
        status, headers, answer = self.post({"name": "Q1", "steps": [STEP]}, Prefer="return=representation")
        self.assertEqual((201, "return=representation"), (status, headers["Preference-Applied"]))
        self.assertEqual([STEP["content"]], [step["content"] for step in answer["steps"]])

    def test_it_takes_one_to_fifty_steps(self):
        self.assertEqual(50, self.created(steps=[STEP] * 50)["step_count"])
        self.assertEqual("too_many", self.refused({"name": "Q1", "steps": [STEP] * 51})["/steps"]["code"])
        self.assertEqual("empty", self.refused({"name": "Q1", "steps": []})["/steps"]["code"])

    def test_a_name_has_1_to_255_characters(self):
        self.created(name="x")
        for name, code in (("", "empty"), ("   ", "empty"), ("x" * 256, "too_long"), ("a\nb", "control_character"),
                           ("a\0b", "nul_character"), ("x" * 1_000_000, "too_long")):
            self.assertEqual(code, self.refused({"name": name, "steps": [STEP]})["/name"]["code"], name[:10])

    def test_a_wait_is_a_whole_number_from_0_to_365(self):
        for wait in (-1, 366, 1.5, "3", True, 10 ** 30):
            self.assertIn("/steps/0/wait_days", self.refused({"name": "Q1", "steps": [{**STEP, "wait_days": wait}]}))

    def test_only_a_followup_may_have_an_empty_subject(self):
        self.created(steps=[STEP, {"subject": "", "content": "again"}, {"content": "and again"}])
        for first in ({"content": "x"}, {"subject": "", "content": "x"}, {"subject": " \t ", "content": "x"}):
            self.assertIn("/steps/0/subject", self.refused({"name": "Q1", "steps": [first]}))

    def test_an_unknown_member_is_refused_with_the_name_that_was_meant(self):
        errors = self.refused({"name": "Q1", "opentracking_enabled": True, "steps": [{**STEP, "wait_day": 3}]})
        self.assertIn("`wait_days`", errors["/steps/0/wait_day"]["detail"])
        self.assertIn("`open_tracking_enabled`", errors["/opentracking_enabled"]["detail"])
        self.assertEqual({"unknown_member"}, {error["code"] for error in errors.values()})

    def test_an_unknown_variable_is_refused_with_the_name_that_was_meant_and_its_place(self):
        errors = self.refused({"name": "Q1", "steps": [{"subject": "Hi", "content": "Dear\n  {{first_nam}}"}]})
        self.assertIn("first_name", errors["/steps/0/content"]["detail"])
        self.assertIn("Line 2, column", errors["/steps/0/content"]["detail"])
        for text in ("{{", "{{}}", "{{first_name", "{{ first_name | upcase: 3 }}", "{% if x %}", "{% if company %}"):
            self.assertIn("/steps/0/content", self.refused({"name": "Q1", "steps": [{**STEP, "content": text}]}), text)

    def test_a_fallback_and_free_data_are_no_unknown_variables(self):
        self.created(steps=[{"subject": "Hi {{ first_name | default: \"there\" }}",
                             "content": "{{custom.role|colleague}} of {{ company }}, {{sender.name}} writes"}])

    def test_every_problem_is_told_at_once(self):
        errors = self.refused({"name": "", "status": "running", "open_tracking_enabled": "yes",
                               "mailbox_ids": ["no-id"], "steps": [
                                   {"content": 5}, {"subject": "{{x}}", "content": "", "wait_days": 999}, "step"],
                               "step": []})
        self.assertEqual({"/name", "/status", "/open_tracking_enabled", "/mailbox_ids/0", "/steps/0/subject",
                          "/steps/0/content", "/steps/1/subject", "/steps/1/content", "/steps/1/wait_days", "/steps/2",
                          "/step"}, set(errors))

    def test_a_mailbox_that_does_not_exist_is_named(self):
        errors = self.refused({"name": "Q1", "steps": [STEP],
                               "mailbox_ids": ["018f0000-0000-7000-8000-000000000000"]})
        self.assertEqual("unknown_mailbox", errors["/mailbox_ids/0"]["code"])

    def test_a_body_that_is_no_sequence_is_refused_in_its_own_words(self):
        for body, status in ((b"", 400), (b"{", 400), (b"\xff\xfe{}", 400), (b'{"name":"\xff","steps":[]}', 400),
                             (b"[]", 422), (b"null", 422), (b"{}", 422), (b'{"name":"a","name":"b","steps":[]}', 422),
                             (b"[" * 10_000, 400), (b'{"a":' * 10_000, 400)):
            answered, headers, problem = self.post(body)
            self.assertEqual(status, answered, (body[:20], problem))
            self.assertEqual("application/problem+json", headers["Content-Type"])
            self.assertTrue(problem["detail"], problem)
        self.assertEqual(415, self.world.call("POST", PATH, b"name=Q1", **{"Content-Type": "text/plain"})[0])

    def test_paths_and_methods_that_do_not_exist_say_so(self):
        for method, path, status in (("GET", f"{PATH}/018f0000-0000-7000-8000-000000000000", 404),
                                     ("GET", f"{PATH}/nonsense", 404), ("GET", "/api/v2/sequences", 404),
                                     ("DELETE", PATH, 405)):
            self.assertEqual(status, self.world.call(method, path)[0], (method, path))
        self.assertIn("POST", self.world.call("DELETE", PATH)[1]["Allow"])


if __name__ == "__main__":
    unittest.main()
