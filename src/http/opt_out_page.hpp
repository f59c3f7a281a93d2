// The pages behind the opt-out link, for people: small, plain, without scripts, in both colour schemes.
//
// A page says what will happen, what has happened, and what had left already. Nothing on it comes from elsewhere, and
// its headers hold browsers to that.
#pragma once

#include <string>
#include <string_view>

#include "domain/ports/opt_outs.hpp"
#include "http/response.hpp"

namespace sequitur::http {

/// Asks; its button says no for good.
Response opt_out_question(const domain::OptOutState& state, std::string_view organisation);
/// It is done; its button takes it back. `receipt`: of the act that was just asked for, or nullptr.
Response opt_out_done(const std::string& address, const domain::StopReceipt* receipt, std::string_view organisation);
/// It was taken back; its button says no again.
Response opt_out_undone(const domain::OptOutState& state, std::string_view organisation);

/// 404: the link is none of ours, or was changed on its way.
Response opt_out_unknown_link();
/// 400: a POST that says nothing.
Response opt_out_unclear();
/// 503: nothing can be recorded now.
Response opt_out_unavailable();

}  // namespace sequitur::http
