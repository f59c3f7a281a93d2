"""What a person does with a mail of the sink's: reads it, clicks, opts out. Only the standard library."""
import email
import email.policy
import http.client
import os
import re
import urllib.parse

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Letter:
    def __init__(self, folder, line):
        """`line`: of the ledger of a sink that keeps its mails in `folder`."""
        self.to = line["to"]
        with open(os.path.join(folder, line["sha256"] + ".eml"), "rb") as file:
            self.message = email.message_from_binary_file(file, policy=email.policy.default)
        self.subject = str(self.message["Subject"])

    def text(self, kind="plain"):
        return self.message.get_body((kind,)).get_content()

    def links(self):
        return re.findall(r'<a href="([^"]+/t/c/[^"]+)"', self.text("html"))

    def click(self, number=0):
        """Where the link leads."""
        return self._call("GET", self.links()[number])[1]["Location"]

    def way_out(self):
        return re.fullmatch("<(.+)>", str(self.message["List-Unsubscribe"])).group(1)

    def opt_out(self):
        """As a mail program does it, by one click: (status, page)."""
        status, _, page = self._call("POST", self.way_out(), "List-Unsubscribe=One-Click")
        return status, page

    @staticmethod
    def _call(method, url, form=None):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            headers = {"User-Agent": BROWSER, "Accept-Language": "en"}
            if form:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, parts.path, form, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()
