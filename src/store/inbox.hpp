// The parameters of sql/inbox_add.sql.
#pragma once

#include <string_view>
#include <vector>

#include "domain/ports/email_queue.hpp"
#include "pg/params.hpp"

namespace sequitur::store {

inline pg::Params inbox_params(std::string_view group, const std::vector<domain::InboxEntry>& entries) {
    std::vector<Uuid> ids;
    std::vector<std::string> topics;
    std::vector<std::int32_t> partitions;
    std::vector<std::int64_t> offsets;
    std::vector<std::int32_t> emails;
    for (const auto& entry : entries) {
        ids.push_back(entry.message_id);
        topics.push_back(entry.topic);
        partitions.push_back(entry.partition);
        offsets.push_back(entry.offset);
        emails.push_back(entry.email_count);
    }
    return pg::Params{group, ids, topics, partitions, offsets, emails};
}

}  // namespace sequitur::store
