#include "app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "app/part_configs.hpp"

namespace sequitur::app {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

std::string refusal_of(const ConfigSources& sources) {
    try {
        Config::load(sources);
    } catch (const ConfigError& error) { return error.what(); }
    return "accepted";
}

/// A file that is gone with the test.
class TextFile {
public:
    TextFile(const std::string& name, const std::string& text)
        : path_(std::filesystem::temp_directory_path() / (name + std::to_string(::getpid()))) {
        std::ofstream{path_} << text;
    }
    ~TextFile() { std::filesystem::remove(path_); }
    std::string path() const { return path_; }

private:
    std::filesystem::path path_;
};

TEST(Config, HasADefaultForEverySetting) {
    const auto config = Config::load({});

    EXPECT_EQ(config.duration("producer.interval"), minutes{5});
    EXPECT_EQ(config.text("http.listen"), "127.0.0.1:8080");
    EXPECT_EQ(config.text("http.auth"), "keys");
    EXPECT_EQ(config.duration("sender.lease"), minutes{20});
}

TEST(Config, PrefersTheFlagToTheEnvironmentToTheFileToTheDefault) {
    const TextFile file{"sequitur-order-", "[producer]\ninterval = \"1s\"\nahead = 7\n[schedule]\nday = \"2s\"\n"};
    const auto config =
        Config::load({.flags = {{"producer.interval", "3s"}},
                      .environment = {{"SEQUITUR_PRODUCER__INTERVAL", "2s"}, {"SEQUITUR_SCHEDULE__DAY", "10s"}},
                      .file = file.path()});

    EXPECT_EQ(config.duration("producer.interval"), seconds{3});
    EXPECT_EQ(config.duration("schedule.day"), seconds{10});
    EXPECT_EQ(config.number("producer.ahead"), 7);
    EXPECT_EQ(config.duration("retry.first_delay"), minutes{60});
}

TEST(Config, RefusesAnUnknownNameWhereverItStandsAndNamesTheNearest) {
    const TextFile file{"sequitur-unknown-", "[sender]\nleese = \"1m\"\n"};

    EXPECT_THAT(refusal_of({.environment = {{"SEQUITUR_PRODUCER__INTERVALL", "1s"}}}),
                HasSubstr("did you mean SEQUITUR_PRODUCER__INTERVAL?"));
    EXPECT_THAT(refusal_of({.environment = {{"SEQUITUR_HTTP_LISTEN", "127.0.0.1:1"}}}),
                HasSubstr("did you mean SEQUITUR_HTTP__LISTEN?"));
    EXPECT_THAT(refusal_of({.flags = {{"retry.frist_delay", "1s"}}}), HasSubstr("did you mean retry.first_delay?"));
    EXPECT_THAT(refusal_of({.file = file.path()}),
                HasSubstr(":2: unknown setting sender.leese; did you mean sender.lease?"));
}

TEST(Config, RefusesAnUnknownNameThatIsNearToNothing) {
    EXPECT_THAT(refusal_of({.environment = {{"SEQUITUR_COLOUR__OF_THE_HOUSE", "red"}}}),
                HasSubstr("unknown setting SEQUITUR_COLOUR__OF_THE_HOUSE"));
}

TEST(Config, PassesOverNamesOfScriptsAndTests) {
    EXPECT_EQ(refusal_of({.environment = {{"SEQUITUR_FAULT", "x"},
                                          {"SEQUITUR_TEST_DATABASE_URL", "x"},
                                          {"SEQUITUR_PG_DATA", "x"},
                                          {"SEQUITUR_BIN", "x"},
                                          {"PATH", "x"}}}),
              "accepted");
}

TEST(Config, RefusesABareNumberAsADuration) {
    EXPECT_THAT(refusal_of({.environment = {{"SEQUITUR_PRODUCER__INTERVAL", "300"}}}),
                HasSubstr("producer.interval (SEQUITUR_PRODUCER__INTERVAL) needs a unit"));
    EXPECT_THAT(refusal_of({.flags = {{"producer.interval", "0s"}}}), HasSubstr("must be above zero"));
    EXPECT_THAT(refusal_of({.flags = {{"producer.interval", "-5m"}}}), HasSubstr("must be a number and a unit"));
}

TEST(Config, SaysEverythingThatIsWrongAtOnce) {
    const auto refusal = refusal_of({.flags = {{"http.auth", "sometimes"}, {"producer.ahead", "0"}, {"no.such", "1"}}});

    EXPECT_THAT(refusal, HasSubstr("http.auth"));
    EXPECT_THAT(refusal, HasSubstr("producer.ahead"));
    EXPECT_THAT(refusal, HasSubstr("no.such"));
}

TEST(Config, ReadsASecretFromTheFileThatItsVariableNames) {
    const TextFile file{"sequitur-secret-", "postgresql://u:p@h/d\n"};

    EXPECT_EQ(Config::load({.environment = {{"SEQUITUR_DATABASE__URL_FILE", file.path()}}}).text("database.url"),
              "postgresql://u:p@h/d");
    EXPECT_THAT(refusal_of({.environment = {{"SEQUITUR_DATABASE__URL_FILE", "/no/such/file"}}}),
                HasSubstr("/no/such/file"));
}

TEST(Config, TakesNoSecretFromTheCommandLine) {
    const auto refusal = refusal_of({.flags = {{"database.url", "postgresql://u:verysecret@h/d"}}});

    EXPECT_THAT(refusal, HasSubstr("SEQUITUR_DATABASE__URL"));
    EXPECT_THAT(refusal, testing::Not(HasSubstr("verysecret")));
}

TEST(Config, KeyFileIsASettingOfItsOwnAndNoSecretsFile) {
    EXPECT_EQ(Config::load({.environment = {{"SEQUITUR_SECRETS__KEY_FILE", "/k"}}}).text("secrets.key_file"), "/k");
}

TEST(Config, SplitsListsOfTheEnvironmentAndOfTheFile) {
    const TextFile file{"sequitur-list-", "[smtp]\nplaintext_hosts = [\"relay\", \"other\"]\n"};

    EXPECT_EQ(Config::load({.environment = {{"SEQUITUR_SERVE__ROLES", "api, sender"}}}).list("serve.roles"),
              (std::vector<std::string>{"api", "sender"}));
    EXPECT_EQ(Config::load({.file = file.path()}).list("smtp.plaintext_hosts"),
              (std::vector<std::string>{"relay", "other"}));
}

TEST(Config, PassesPropertiesToKafkaFromEveryPlace) {
    const TextFile file{"sequitur-kafka-", "[kafka.properties]\nsasl.mechanism = \"PLAIN\"\n\"linger.ms\" = 20\n"};
    const TextFile secret{"sequitur-kafka-secret-", "hush\n"};
    const auto config =
        Config::load({.environment = {{"SEQUITUR_KAFKA__PROPERTIES__SASL__USERNAME", "u"},
                                      {"SEQUITUR_KAFKA__PROPERTIES__SASL__PASSWORD_FILE", secret.path()}},
                      .file = file.path()});

    EXPECT_EQ(
        config.kafka_properties(),
        (NamedTexts{
            {"linger.ms", "20"}, {"sasl.mechanism", "PLAIN"}, {"sasl.password", "hush"}, {"sasl.username", "u"}}));
}

TEST(Config, TakesNoSecretPropertyFromTheCommandLine) {
    EXPECT_THAT(refusal_of({.flags = {{"kafka.properties.sasl.password", "verysecret"}}}),
                HasSubstr("SEQUITUR_KAFKA__PROPERTIES__SASL__PASSWORD"));
}

TEST(KafkaConfig, NamesWhatIsMissingOrNotForTheUser) {
    const auto refusal_of_kafka = [](NamedTexts environment) -> std::string {
        environment.emplace_back("SEQUITUR_BUS__KIND", "kafka");
        try {
            check_parts(Config::load({.environment = environment}), {RoleName::relay});
        } catch (const std::exception& error) { return error.what(); }
        return "accepted";
    };
    const auto with = [&](const std::string& name, const std::string& value) {
        return refusal_of_kafka({{"SEQUITUR_KAFKA__BROKERS", "h:1"}, {name, value}});
    };

    EXPECT_EQ(with("SEQUITUR_KAFKA__PROPERTIES__LINGER__MS", "7"), "accepted");
    EXPECT_THAT(refusal_of_kafka({}), HasSubstr("kafka.brokers"));
    EXPECT_THAT(with("SEQUITUR_KAFKA__PROPERTIES__GROUP__ID", "mine"), HasSubstr("kafka.properties.group.id"));
    EXPECT_THAT(with("SEQUITUR_KAFKA__PROPERTIES__LINGER__M", "7"), HasSubstr("kafka.properties.linger.m"));
    EXPECT_THAT(with("SEQUITUR_BUS__MAX_POLL", "5s"), HasSubstr("bus.max_poll"));
}

TEST(Config, NamesTheLineOfAFileThatIsNotToml) {
    const TextFile file{"sequitur-broken-", "[producer]\ninterval = = 1\n"};

    EXPECT_THAT(refusal_of({.file = file.path()}), HasSubstr(":2: "));
}

}  // namespace

}  // namespace sequitur::app
