// A worker as a role, with what only it borrows.
#pragma once

#include <memory>
#include <tuple>

#include "app/roles.hpp"
#include "workers/worker.hpp"

namespace sequitur::app {

template <class... Kept> class WorkerRole final : public Role {
public:
    explicit WorkerRole(std::unique_ptr<workers::Worker> worker, std::unique_ptr<Kept>... kept)
        : kept_(std::move(kept)...), worker_(std::move(worker)) {}

    void start() override { worker_->start(); }
    void ask_to_stop() override { worker_->ask_to_stop(); }
    void stop() override { worker_->stop(); }
    std::optional<std::string> trouble() const override {
        if (!worker_->health().failing_since) return std::nullopt;
        return worker_->name() + " can not reach the database or the bus";
    }

private:
    std::tuple<std::unique_ptr<Kept>...> kept_;
    std::unique_ptr<workers::Worker> worker_;  // last: it borrows the others
};

}  // namespace sequitur::app
