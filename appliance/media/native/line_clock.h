/* Follows one clock by another: a slow PI loop on how much too much (or too little) waits between
   them. Pure. Critically damped at 0.05 rad/s: 200 ppm move the level by 1.5 ms for half a minute,
   and nobody hears the pitch change. */
#ifndef DOZVON_LINE_CLOCK_H
#define DOZVON_LINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock_loop {
  double error_s, drift, followed_s; /* smoothed; lasting part of the rate; since the beginning */
  bool is_primed;
};

void clock_loop_init(struct clock_loop *loop);
/* error_s: what waits beyond what should, seconds; step_s: since the last call. Returns by which
   fraction more must be taken. */
double clock_loop_follow(struct clock_loop *loop, double error_s, double step_s);
/* The lasting difference of the clocks has been found. */
bool clock_loop_is_settled(const struct clock_loop *loop);

#endif
