// The design document's flows 3 and 4 to the letter: its SQL, one statement and one commit each, one SMTP connection
// a mail, command by command. The baseline that the program is measured against.
//
// Where the document leaves room, this is its fastest reading: Kafka is a queue in memory and costs nothing, nothing is
// logged, the body is copied and not encoded. Usage: bench_literal URL. One consumer.
#include <libpq-fe.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Cleared {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, Cleared>;

class Database {
public:
    explicit Database(const char* url) : connection_(PQconnectdb(url)) {
        if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
    }
    ~Database() { PQfinish(connection_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Rows operator()(const char* statement, std::initializer_list<const char*> values = {}) {
        Rows rows{PQexecParams(connection_, statement, static_cast<int>(values.size()), nullptr, values.begin(),
                               nullptr, nullptr, 0)};
        const auto status = PQresultStatus(rows.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(PQerrorMessage(connection_));
        return rows;
    }

private:
    PGconn* connection_;
};

struct Email {
    std::string id, mailbox_id, to, first_name, subject, content, from, host, port;
};
using Batch = std::vector<Email>;

constexpr auto ready_emails =
    "SELECT eq.id, eq.mailbox_id, c.email, c.first_name, s.subject, s.content, m.email, m.smtp_host, m.smtp_port "
    "FROM email_queues eq "
    "JOIN sequence_contacts sc ON eq.sequence_contact_id = sc.id "
    "JOIN contacts c ON sc.contact_id = c.id "
    "JOIN steps s ON eq.step_order = s.step_order "
    "JOIN mailboxes m ON eq.mailbox_id = m.id "
    "WHERE eq.scheduled_for <= NOW() AND eq.status = 'scheduled' AND m.status = 'active'";
constexpr auto capacities =
    "SELECT m.id, m.daily_capacity, COALESCE(mdc.sent_count, 0) AS sent_today "
    "FROM mailboxes m LEFT JOIN mailbox_daily_counts mdc ON m.id = mdc.mailbox_id AND mdc.date = CURRENT_DATE "
    "WHERE m.status = 'active'";

std::string text(const Rows& rows, int row, int column) { return PQgetvalue(rows.get(), row, column); }

// Flow 3. It runs to its end before the consumer begins: the document marks `queued` after producing, which would
// overwrite what a quick consumer had done.
std::deque<Batch> produce(Database& db) {
    const auto emails = db(ready_emails);
    const auto mailboxes = db(capacities);
    std::map<std::string, int> room;
    for (int row = 0; row < PQntuples(mailboxes.get()); ++row)
        room[text(mailboxes, row, 0)] = std::stoi(text(mailboxes, row, 1)) - std::stoi(text(mailboxes, row, 2));
    std::deque<Batch> topic;
    std::string ids;
    for (int row = 0; row < PQntuples(emails.get()); ++row) {
        if (room[text(emails, row, 1)]-- <= 0) continue;
        if (topic.empty() || topic.back().size() == 50) topic.emplace_back();
        topic.back().push_back({text(emails, row, 0), text(emails, row, 1), text(emails, row, 2), text(emails, row, 3),
                                text(emails, row, 4), text(emails, row, 5), text(emails, row, 6), text(emails, row, 7),
                                text(emails, row, 8)});
        ids += (ids.empty() ? "'" : ",'") + topic.back().back().id + "'";
    }
    if (!ids.empty()) db(("UPDATE email_queues SET status = 'queued' WHERE id IN (" + ids + ")").c_str());
    return topic;
}

class Smtp {
public:
    Smtp(const std::string& host, const std::string& port) {
        addrinfo hints{}, *found = nullptr;
        hints.ai_socktype = SOCK_STREAM;
        if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) throw std::runtime_error("no such host");
        socket_ = socket(found->ai_family, SOCK_STREAM, 0);
        const bool connected = connect(socket_, found->ai_addr, found->ai_addrlen) == 0;
        freeaddrinfo(found);
        if (!connected) throw std::runtime_error("no connection");
        const int yes = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        answer('2');
    }
    ~Smtp() { close(socket_); }
    Smtp(const Smtp&) = delete;
    Smtp& operator=(const Smtp&) = delete;

    void say(const std::string& line, char expected) {
        std::string_view rest = line;
        while (!rest.empty()) {
            const auto sent = send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("the connection is lost");
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        answer(expected);
    }

private:
    // The last line of a reply has a blank after its code.
    void answer(char expected) {
        std::string reply;
        for (char buffer[2048];;) {
            const auto end = reply.rfind("\r\n");
            if (end != std::string::npos && end + 2 == reply.size()) {
                const auto before = reply.rfind("\r\n", end - 1);
                const auto last = before == std::string::npos ? 0 : before + 2;
                if (reply[last + 3] == ' ') break;
            }
            const auto got = recv(socket_, buffer, sizeof buffer, 0);
            if (got <= 0) throw std::runtime_error("the connection is lost");
            reply.append(buffer, static_cast<std::size_t>(got));
        }
        if (reply.front() != expected) throw std::runtime_error(reply);
    }

    int socket_ = -1;
};

std::string replaced(const std::string& text, std::string_view variable, std::string_view value) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    std::size_t from = 0;
    for (auto at = text.find(variable); at != std::string::npos; at = text.find(variable, from)) {
        out.append(text, from, at - from).append(value);
        from = at + variable.size();
    }
    return out.append(text, from);
}

void deliver(const Email& email) {
    Smtp smtp{email.host, email.port};
    smtp.say("EHLO localhost\r\n", '2');
    smtp.say("MAIL FROM:<" + email.from + ">\r\n", '2');
    smtp.say("RCPT TO:<" + email.to + ">\r\n", '2');
    smtp.say("DATA\r\n", '3');
    smtp.say("From: <" + email.from + ">\r\nTo: <" + email.to +
                 ">\r\nSubject: " + replaced(email.subject, "{{first_name}}", email.first_name) +
                 "\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
                 replaced(replaced(email.content, "\n", "\r\n"), "{{first_name}}", email.first_name) + "\r\n.\r\n",
             '2');
    smtp.say("QUIT\r\n", '2');
}

// Flow 4, for each email of a batch.
void process(Database& db, const Email& email) {
    db("UPDATE email_queues SET status = 'sending', last_attempt_at = NOW() WHERE id = $1", {email.id.c_str()});
    try {
        deliver(email);
    } catch (const std::runtime_error& error) {
        db("UPDATE email_queues SET status = 'failed', error_message = $2, retry_count = retry_count + 1 WHERE id = $1",
           {email.id.c_str(), error.what()});
        return;
    }
    db("UPDATE email_queues SET status = 'sent', sent_at = NOW() WHERE id = $1", {email.id.c_str()});
    db("INSERT INTO mailbox_daily_counts (mailbox_id, date, sent_count) VALUES ($1, CURRENT_DATE, 1) "
       "ON CONFLICT (mailbox_id, date) DO UPDATE SET sent_count = mailbox_daily_counts.sent_count + 1",
       {email.mailbox_id.c_str()});
    db("INSERT INTO email_events (email_queue_id, event_type, event_data) "
       "VALUES ($1, 'sent', jsonb_build_object('timestamp', NOW()))",
       {email.id.c_str()});
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    try {
        Database db{arguments[1]};
        auto topic = produce(db);
        for (; !topic.empty(); topic.pop_front())
            for (const auto& email : topic.front()) process(db, email);
        return 0;
    } catch (const std::runtime_error& error) {
        std::fprintf(stderr, "bench_literal: %s\n", error.what());
        return 1;
    }
}
