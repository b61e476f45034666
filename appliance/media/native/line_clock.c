#include "line_clock.h"

#include <math.h>

static const double SMOOTHING_S = 0.5, OMEGA = 0.05, SETTLED_S = 60.0;
static const double MOST_RATE = 0.003, MOST_DRIFT = 0.0006, TRUSTED_ERROR_S = 0.008;

static double bounded(double value, double most) { return fmax(-most, fmin(most, value)); }

void clock_loop_init(struct clock_loop *loop) { *loop = (struct clock_loop){0}; }

double clock_loop_follow(struct clock_loop *loop, double error_s, double step_s) {
  double share = fmin(1.0, step_s / SMOOTHING_S);
  loop->error_s = loop->is_primed ? loop->error_s + share * (error_s - loop->error_s) : error_s;
  loop->is_primed = true;
  loop->followed_s += step_s;
  double now = fmin(step_s, 1.0);
  if (fabs(loop->error_s) < TRUSTED_ERROR_S) /* a jump says nothing of the clocks */
    loop->drift = bounded(loop->drift + OMEGA * OMEGA * loop->error_s * now, MOST_DRIFT);
  return bounded(2 * OMEGA * loop->error_s + loop->drift, MOST_RATE);
}

bool clock_loop_is_settled(const struct clock_loop *loop) { return loop->followed_s > SETTLED_S; }
