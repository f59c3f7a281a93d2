// From the settings to each part's own struct, checked. The only place that knows both.
// Each throws ConfigError or std::invalid_argument that names the setting.
#pragma once

#include "app/config.hpp"
#include "app/roles.hpp"
#include "bus/config.hpp"
#include "bus/kafka_config.hpp"
#include "domain/client_network.hpp"
#include "domain/footer.hpp"
#include "domain/link_base.hpp"
#include "http/server.hpp"
#include "mail/smtp_options.hpp"
#include "workers/batch_producer.hpp"
#include "workers/followup_scheduler.hpp"
#include "workers/janitor.hpp"
#include "workers/sessions.hpp"

namespace sequitur::app {

/// Of bus.kind = postgres.
bus::PostgresBusConfig postgres_bus_config(const Config& config);
/// Of bus.kind = kafka.
bus::KafkaBusConfig kafka_bus_config(const Config& config);
workers::ProducerConfig producer_config(const Config& config);
domain::TrustedProxies trusted_proxies(const Config& config);
domain::LinkSettings link_settings(const Config& config);
domain::Footer footer(const Config& config);
workers::SenderConfig sender_config(const Config& config);
workers::FollowupConfig followup_config(const Config& config);
workers::JanitorConfig janitor_config(const Config& config);
mail::SmtpOptions smtp_options(const Config& config);
http::ServerConfig http_config(const Config& config);
/// Of `metrics.listen`; nullopt: it is not set.
std::optional<http::ServerConfig> probes_config(const Config& config);

/// All that `roles` need, before anything is started.
void check_parts(const Config& config, const std::vector<RoleName>& roles);

}  // namespace sequitur::app
