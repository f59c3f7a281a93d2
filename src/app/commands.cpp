#include "app/commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "app/arguments.hpp"
#include "app/exit_code.hpp"
#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/nearest.hpp"

namespace sequitur::app {

namespace {

constexpr std::string_view short_help = R"(sequitur: email sequences from your own mailboxes

Commands
  serve     run the roles: API, producer, relay, sender, follow-up, retry, recorder, janitor
  migrate   status, up or plan: the schema of the database
  verify    check the database against the ledger of a sink
  sink      an SMTP server for demos and tests, which writes a ledger
  links     rotate: a new key signs the links of tracking and opt-out
  config    print or check the settings
  version   what this is

Examples
  SEQUITUR_DATABASE__URL=postgresql://localhost/sequitur sequitur migrate up
  sequitur serve --roles api,producer,relay --http.listen 127.0.0.1:8080 --http.auth none
  sequitur sink --listen 127.0.0.1:2525 --ledger ledger.jsonl

sequitur COMMAND --help tells more; every setting of `sequitur config print` is also a flag.
)";

log::Level level_of(const std::string& name) {
    if (name == "debug") return log::Level::debug;
    if (name == "warn") return log::Level::warn;
    return name == "error" ? log::Level::error : log::Level::info;
}

Config load(Arguments arguments) {
    auto config = Config::load({.flags = std::move(arguments.settings),
                                .environment = process_environment(),
                                .file = arguments.config_file ? arguments.config_file : default_config_file()});
    log::set_level(level_of(config.text("log.level")));
    return config;
}

int check_config(const Arguments& arguments) {
    try {
        load(arguments);
    } catch (const ConfigError& error) {
        fmt::print(stderr, "{}\n", error.what());
        return check_failed;
    }
    fmt::print("config: every setting is understood\n");
    return done;
}

int print_version() {
    fmt::print("sequitur {}\n", SEQUITUR_VERSION);
    return done;
}

/// The command that was chosen, once the command line is parsed.
using Act = std::function<int()>;

void add_serve(CLI::App& program, Arguments& arguments, Act& act) {
    auto* command = program.add_subcommand("serve", "Run the roles of this process until SIGTERM");
    command
        ->add_option_function<std::string>(
            "--roles", [&](const std::string& roles) { arguments.settings.emplace_back("serve.roles", roles); },
            "api,producer,relay,sender,followup,retry,recorder,janitor; all by default")
        ->type_name("ROLES");
    command->callback([&] { act = [&] { return serve(load(arguments)); }; });
}

void add_migrate(CLI::App& program, Arguments& arguments, Act& act) {
    auto* command = program.add_subcommand("migrate", "The schema of the database")->require_subcommand(1);
    const auto add = [&](const std::string& name, const std::string& help) {
        command->add_subcommand(name, help)->callback([&, name] {
            act = [&, name] { return migrate(load(arguments), name); };
        });
    };
    add("status", "Which migrations are applied, which are not");
    add("up", "Apply what is missing; twice is once");
    add("plan", "Print the SQL that `up` would run");
}

void add_sink(CLI::App& program, SinkOptions& options, Act& act) {
    auto* command = program.add_subcommand("sink", "An SMTP server that writes a ledger before it answers");
    command->add_option("--listen", options.listen, "HOST:PORT; port 0 takes a free one and prints it")->required();
    command->add_option("--ledger", options.ledger, "the file to append to, one JSON object a line")->required();
    command->add_option("--mails", options.mails, "a folder that gets every accepted mail, as SHA256.eml");
    command->add_option("--user", options.user, "USER:PASSWORD that a client must log in with");
    command->add_option("--tls", options.tls, "none, starttls or implicit")
        ->check(CLI::IsMember({"none", "starttls", "implicit"}));
    command->add_option("--certificate", options.certificate, "for --tls: a PEM file, the chain included");
    command->add_option("--key", options.key, "for --tls: the certificate's key, a PEM file");
    command->callback([&] { act = [&] { return sink(options); }; });
}

void add_verify(CLI::App& program, Arguments& arguments, VerifyOptions& options, Act& act) {
    auto* command = program.add_subcommand("verify", "Check the database against a ledger; 6 if a promise is broken");
    command->add_option("--ledger", options.ledger, "what the sink wrote")->required();
    command->add_flag("--json", options.json, "print the result as JSON");
    command->add_flag("--running", options.running, "mail is still running: what is on its way is no fault");
    command->callback([&] { act = [&] { return verify(load(arguments), options); }; });
}

void add_links(CLI::App& program, Arguments& arguments, Act& act) {
    auto* command = program.add_subcommand("links", "The keys that sign links")->require_subcommand(1);
    command->add_subcommand("rotate", "Make a key that signs soon; earlier ones go on verifying")->callback([&] {
        act = [&] { return rotate_links(load(arguments)); };
    });
}

void add_config(CLI::App& program, Arguments& arguments, Act& act) {
    auto* command = program.add_subcommand("config", "The settings")->require_subcommand(1);
    command->add_subcommand("print", "Every setting, its value and where it comes from")->callback([&] {
        act = [&] { return print_config(load(arguments)); };
    });
    command->add_subcommand("check", "6 and a list if anything is wrong")->callback([&] {
        act = [&] { return check_config(arguments); };
    });
}

int refuse_usage(const CLI::App& program, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
    std::string hint;
    const auto commands = program.get_subcommands([](const CLI::App*) { return true; });
    std::vector<std::string> names;
    for (const auto* command : commands) names.push_back(command->get_name());
    const std::vector<std::string_view> views{names.begin(), names.end()};
    if (!arguments.empty() && std::ranges::find(names, arguments.front()) == names.end()) {
        const auto meant = nearest(arguments.front(), views);
        if (!meant.empty()) hint = fmt::format("; did you mean {}?", meant);
    }
    fmt::print(stderr, "sequitur: {}{}\n", error.what(), hint);
    return usage;
}

int run_command(const std::vector<std::string>& given) {
    auto arguments = split_arguments(given);
    SinkOptions sink_options;
    VerifyOptions verify_options;
    Act act;
    CLI::App program{"Email sequences from your own mailboxes", "sequitur"};
    program.require_subcommand(1);
    add_serve(program, arguments, act);
    add_migrate(program, arguments, act);
    add_verify(program, arguments, verify_options, act);
    add_sink(program, sink_options, act);
    add_links(program, arguments, act);
    add_config(program, arguments, act);
    program.add_subcommand("version", "What this is")->callback([&] { act = print_version; });
    try {
        program.parse(std::vector<std::string>{arguments.rest.rbegin(), arguments.rest.rend()});
    } catch (const CLI::Success& help) { return program.exit(help); } catch (const CLI::ParseError& error) {
        return refuse_usage(program, error, arguments.rest);
    }
    return act();
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments == std::vector<std::string>{"--help"} ||
        arguments == std::vector<std::string>{"-h"}) {
        fmt::print("{}", short_help);
        return done;
    }
    if (arguments == std::vector<std::string>{"--version"}) return print_version();
    try {
        const char* faults = std::getenv("SEQUITUR_FAULT");
        fault::configure(faults ? faults : "");
        return run_command(arguments);
    } catch (const ConfigError& error) {
        fmt::print(stderr, "{}\n", error.what());
        return usage;
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "{}\n", error.what());
        return usage;
    } catch (const std::exception& error) {
        fmt::print(stderr, "sequitur: {}\n", error.what());
        return failed;
    }
}

}  // namespace sequitur::app
