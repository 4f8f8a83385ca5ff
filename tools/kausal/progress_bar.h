// A line on standard error that shows how far a link or sync has come.
#pragma once

#include <kausal/kausal.hpp>

#include <atomic>
#include <thread>

namespace kausal::tool {

/// Draws from its own thread until it is destroyed; nothing when `shown` is false.
class ProgressBar {
  public:
    explicit ProgressBar(bool shown);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    [[nodiscard]] kausal_progress_t* progress() const noexcept { return progress_.get(); }

  private:
    void draw_until_done();
    Progress progress_;
    std::atomic<bool> done_{false};
    std::thread thread_;
};

/// True when standard error is a terminal.
[[nodiscard]] bool has_terminal() noexcept;

}  // namespace kausal::tool
