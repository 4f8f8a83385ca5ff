// Drawing: phase, bar, files, rate, time left.
#include "progress_bar.h"

#include "session.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace kausal::tool {
namespace {

constexpr std::array kPhases = {"listing", "parsing", "linking", "binding", "writing"};
constexpr size_t kBarWidth = 30;

std::string line_of(const kausal_progress_info_t& now, double seconds) {
    std::string line = now.phase < kPhases.size() ? kPhases[now.phase] : "working";
    line.resize(8, ' ');
    if (now.total == 0) return line + " " + std::to_string(now.done) + " files";
    const double share =
        std::min(1.0, static_cast<double>(now.done) / static_cast<double>(now.total));
    const auto filled = static_cast<size_t>(share * static_cast<double>(kBarWidth));
    line += " [" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] ";
    line += std::to_string(now.done) + "/" + std::to_string(now.total) + " files";
    if (seconds > 0.5 && now.done > 0) {
        const double rate = static_cast<double>(now.done) / seconds;
        const double left = static_cast<double>(now.total - std::min(now.done, now.total)) / rate;
        char text[64];
        (void)std::snprintf(text, sizeof text, ", %.0f/s, %.0f s left", rate, left);
        line += text;
    }
    return line;
}

}  // namespace

bool has_terminal() noexcept {
    return ::isatty(STDERR_FILENO) != 0;
}

ProgressBar::ProgressBar(bool shown) : progress_(take(Progress::create())) {
    if (shown) thread_ = std::thread([this] { draw_until_done(); });
}

ProgressBar::~ProgressBar() {
    done_ = true;
    if (!thread_.joinable()) return;
    thread_.join();
    (void)std::fputs("\r\033[K", stderr);
}

void ProgressBar::draw_until_done() {
    using Clock = std::chrono::steady_clock;
    auto phase_start = Clock::now();
    uint32_t phase = UINT32_MAX;
    while (!done_) {
        const kausal_progress_info_t now = progress_.now();
        if (now.phase != phase) {
            phase = now.phase;
            phase_start = Clock::now();
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - phase_start).count();
        (void)std::fprintf(stderr, "\r\033[K%s", line_of(now, seconds).c_str());
        (void)std::fflush(stderr);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace kausal::tool
