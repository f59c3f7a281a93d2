// What the parts of the SMTP session ask of an answer.
#pragma once

#include <string>

#include "domain/delivery.hpp"

namespace sequitur::mail {

inline bool is_positive(const domain::SmtpReply& reply) { return reply.code / 100 == 2; }
inline bool is_negative(const domain::SmtpReply& reply) { return reply.code / 100 == 4 || reply.code / 100 == 5; }

inline std::string unexpected(const domain::SmtpReply& reply) {
    return "the server answered " + std::to_string(reply.code) + ", which means nothing here";
}

}  // namespace sequitur::mail
