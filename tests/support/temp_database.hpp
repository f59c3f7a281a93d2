// An empty database of its own for one test, on the server of SEQUITUR_TEST_DATABASE_URL; dropped
// with whoever is still connected when the test ends. Needs libpq only, so every floor can use it.
#pragma once

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

namespace sequitur::test {

class TempDatabase {
public:
    /// A copy of `origin`, to which nobody may be connected.
    explicit TempDatabase(const std::string& origin = "template1") : server_(server_url()), name_(random_name()) {
        run("CREATE DATABASE " + name_ + " TEMPLATE " + origin);
    }
    TempDatabase(const TempDatabase&) = delete;
    TempDatabase& operator=(const TempDatabase&) = delete;
    ~TempDatabase() {
        const std::unique_ptr<PGconn, void (*)(PGconn*)> connection{PQconnectdb(server_.c_str()), PQfinish};
        PQclear(PQexec(connection.get(), ("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)").c_str()));
    }

    /// The server's URI with this database in the place of its own.
    std::string url() const {
        const auto authority = server_.find("://") + 3;
        const auto query = std::min(server_.find('?', authority), server_.size());
        const auto path = std::min(server_.find('/', authority), query);
        return server_.substr(0, path) + "/" + name_ + server_.substr(query);
    }
    const std::string& name() const { return name_; }

    /// Any number of statements, on a connection of their own. Throws with the server's words.
    void script(const std::string& sql) const { run(sql, url()); }

private:
    static std::string server_url() {
        const char* url = std::getenv("SEQUITUR_TEST_DATABASE_URL");
        if (!url || std::string{url}.find("://") == std::string::npos)
            throw std::runtime_error("SEQUITUR_TEST_DATABASE_URL is not a PostgreSQL URI: run the tests by ./dev test");
        return url;
    }
    static std::string random_name() {
        std::random_device device;
        std::string name = "sequitur_test_";
        for (int i = 0; i < 16; ++i) name += "abcdefghijklmnopqrstuvwxyz"[device() % 26];
        return name;
    }
    void run(const std::string& sql) const { run(sql, server_); }
    static void run(const std::string& sql, const std::string& url) {
        const std::unique_ptr<PGconn, void (*)(PGconn*)> connection{PQconnectdb(url.c_str()), PQfinish};
        const std::unique_ptr<PGresult, void (*)(PGresult*)> result{PQexec(connection.get(), sql.c_str()), PQclear};
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(PQerrorMessage(connection.get()));
    }

    std::string server_;
    std::string name_;
};

}  // namespace sequitur::test
