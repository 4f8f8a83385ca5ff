// The watch loop and its interruption.
#include "watch.h"

#include <atomic>
#include <chrono>
#include <pthread.h>
#include <signal.h>
#include <thread>

namespace kausal::tool {
namespace {

std::atomic<bool> interrupted{false};

/// Waits for the signals on a thread of its own, because a signal handler may call almost nothing.
void wait_for_signal(CancelToken* token, sigset_t signals) {
    int caught = 0;
    if (sigwait(&signals, &caught) != 0) return;
    interrupted = true;
    token->trigger();
    // A second signal ends the process the ordinary way.
    struct sigaction ordinary{};
    ordinary.sa_handler = SIG_DFL;
    sigaction(SIGINT, &ordinary, nullptr);
    sigaction(SIGTERM, &ordinary, nullptr);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    sigwait(&signals, &caught);
    std::_Exit(static_cast<int>(Exit::Failure));
}

}  // namespace

CancelToken& interrupt_token() {
    // Never destroyed: the waiting thread uses it to the end.
    static CancelToken* const token = [] {
        auto* made = new CancelToken(take(CancelToken::create()));
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        std::thread(wait_for_signal, made, signals).detach();
        return made;
    }();
    return *token;
}

bool is_interrupted() noexcept {
    return interrupted;
}

void watch(Database& database, const std::vector<std::string>& workspaces, uint32_t interval_ms,
           const std::function<void(const std::string&)>& sync_one) {
    (void)interrupt_token();
    while (!is_interrupted()) {
        for (const std::string& name : workspaces) {
            uint64_t differing = 0;
            Rows rows = take(database.staleness(name));
            take(rows.for_each([&](const RowView& row) {
                differing += std::stoull(std::string(row.text("value")));
            }));
            if (differing != 0 && !is_interrupted()) sync_one(name);
        }
        for (uint32_t waited = 0; waited < interval_ms && !is_interrupted(); waited += 50) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }
}

}  // namespace kausal::tool
