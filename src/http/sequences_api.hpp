// Flow 1, create sequence, and what else is done to a sequence as a whole.
#pragma once

#include "domain/ports/sequences.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class SequencesApi {
public:
    explicit SequencesApi(domain::Sequences& sequences) : sequences_(sequences) {}
    void add_to(Router& router);

private:
    Response create(const Request& request);
    Response list(const Request& request);
    Response show(const Request& request);
    Response set_mailboxes(const Request& request);
    Response pause(const Request& request);
    Response activate(const Request& request);

    domain::Sequences& sequences_;
};

/// Whether the client asked for the whole thing (RFC 7240 `Prefer: return=representation`).
bool wants_representation(const Request& request);

}  // namespace sequitur::http
