// The command line: one short function a command, the bigger ones in files of their own.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"

namespace sequitur::app {

/// The whole program; returns its exit code (exit_code.hpp).
int run(const std::vector<std::string>& arguments);

// Each throws ConfigError for what the user must mend, any other exception for broken surroundings.
int serve(const Config& config);
int migrate(const Config& config, const std::string& act);
struct SinkOptions {
    std::string listen;
    std::string ledger;
    std::string mails;  ///< a folder; empty: no mail is kept
    std::string user;  ///< USER:PASSWORD; empty: nobody needs to log in
    std::string tls = "none";
    std::string certificate;
    std::string key;
};
int sink(const SinkOptions& options);
struct VerifyOptions {
    std::string ledger;
    bool json = false;
    bool running = false;  ///< mail is on its way: that is no fault
};
int verify(const Config& config, const VerifyOptions& options);
int rotate_links(const Config& config);
int print_config(const Config& config);

}  // namespace sequitur::app
