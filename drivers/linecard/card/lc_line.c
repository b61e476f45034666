/* See lc_line.h. */
#include "lc_line.h"

#include "lc_frame.h"

#include <string.h>

enum {
  BREAK_US = 60000,
  MAKE_US = 40000,
  BETWEEN_DIGITS_US = 800000,
  DIGIT_OVER_US = 200000, /* after the last make a rotary digit is over */
  WAKE_US = 50000,        /* after the feed is back a phone draws its current again */
  LOST_US = 1000000,      /* a loop that is away for longer is no break but a lost line */
  MOST_PULSES = 10
};

static bool is_due(uint32_t deadline_us, uint32_t now_us) {
  return (int32_t)(now_us - deadline_us) >= 0;
}

static uint32_t us(uint16_t ms) { return (uint32_t)ms * 1000u; }

static uint16_t ms_since(uint32_t then_us, uint32_t now_us) {
  uint32_t ms = (now_us - then_us) / 1000u;
  return (uint16_t)(ms > 65535 ? 65535 : ms);
}

static void tell(struct lc_line *line, uint8_t event, uint32_t at_us) {
  line->tell(line->context, line->port, event, at_us, NULL, 0);
}

static void tell_ms(struct lc_line *line, uint8_t event, uint32_t at_us, uint16_t ms) {
  uint8_t details[2];
  lc_put16(details, ms);
  line->tell(line->context, line->port, event, at_us, details, sizeof details);
}

void lc_line_init(struct lc_line *line, const struct lc_board *board, uint8_t port) {
  memset(line, 0, sizeof *line);
  line->board = board;
  line->port = port;
  line->kind = board->kinds[port];
  line->times = (struct lc_times){300, 1000, 90, 10, 25};
  line->has_loop = true;
}

static void set_burst(struct lc_line *line, bool is_on, uint32_t now_us) {
  if (line->is_burst == is_on)
    return;
  line->is_burst = is_on;
  line->board->set_ring(line->board->context, line->port, is_on ? line->times.ring_hertz : 0);
  if (is_on)
    line->burst_us = now_us;
  else if (line->is_ringing)
    tell_ms(line, LC_RING_OFF, now_us, ms_since(line->burst_us, now_us));
}

void lc_line_make_safe(struct lc_line *line) {
  const struct lc_board *board = line->board;
  line->is_blind = line->is_blind || line->is_loop_open; /* as long as it was to be open */
  line->is_ringing = line->is_burst = line->is_loop_open = false;
  line->is_seized = line->is_dialling = line->is_flashing = line->is_open = false;
  if (line->kind == LC_FXS) {
    board->set_ring(board->context, line->port, 0);
    board->set_reversed(board->context, line->port, false);
    board->set_feed(board->context, line->port, true);
  } else {
    board->set_hook(board->context, line->port, false);
  }
}

/* ---- FXS */

bool lc_line_ring(struct lc_line *line, const uint16_t *cadence_ms, uint8_t size, uint32_t now_us) {
  if (line->is_off || line->is_loop_open || size < 2 || size > LC_CADENCE || size % 2)
    return false;
  for (uint8_t at = 0; at < size; at++)
    if (cadence_ms[at] == 0 || (at % 2 == 0 && cadence_ms[at] > LC_LONGEST_RING_MS))
      return false;
  memcpy(line->cadence_ms, cadence_ms, size * sizeof *cadence_ms);
  line->cadence_size = size;
  line->cadence_at = 0;
  line->is_ringing = true;
  line->step_us = now_us + us(cadence_ms[0]);
  set_burst(line, true, now_us);
  return true;
}

void lc_line_stop_ring(struct lc_line *line, uint32_t now_us) {
  line->is_ringing = false;
  set_burst(line, false, now_us);
}

bool lc_line_open_loop(struct lc_line *line, uint16_t ms, uint32_t now_us) {
  if (line->is_loop_open || ms == 0 || ms > 2000)
    return false;
  line->is_loop_open = true;
  line->loop_until_us = now_us + us(ms);
  line->board->set_feed(line->board->context, line->port, false);
  return true;
}

void lc_line_hook(struct lc_line *line, bool is_off, uint32_t now_us) {
  line->is_seen_off = is_off;
  if (line->is_loop_open || line->is_blind || is_off == line->is_raw_off)
    return;
  line->is_raw_off = is_off;
  line->is_settling = !line->is_settling; /* a change that is taken back was bounce */
  line->changed_us = now_us;
}

static void tell_digit(struct lc_line *line) {
  uint32_t whole = line->break_us_sum + line->make_us_sum;
  uint8_t share = (uint8_t)(whole ? 100u * (line->make_us_sum / 1000u) / (whole / 1000u + 1) : 0);
  uint8_t details[2] = {(uint8_t)(line->pulses % 10), share};
  if (line->pulses <= MOST_PULSES)
    line->tell(line->context, line->port, LC_PULSE_DIGIT, line->made_us, details, sizeof details);
  line->pulses = 0;
}

static void lifted(struct lc_line *line, uint32_t at_us) {
  if (line->is_ringing) {
    lc_line_stop_ring(line, at_us);
    tell(line, LC_RING_TRIP, at_us);
  }
  if (line->is_broken) {
    uint32_t broken = at_us - line->broken_us;
    line->is_broken = false;
    if (broken <= us(line->times.pulse_longest)) {
      line->make_us_sum += line->pulses ? line->broken_us - line->made_us : 0;
      line->break_us_sum += broken;
      line->pulses++;
      line->made_us = at_us;
    } else if (broken >= us(line->times.flash_least)) {
      line->pulses = 0;
      tell_ms(line, LC_FLASH, at_us, ms_since(line->broken_us, at_us));
    }
  } else if (!line->is_off) {
    line->is_off = true;
    line->pulses = 0;
    tell(line, LC_OFF_HOOK, at_us);
  }
}

static void opened(struct lc_line *line, uint32_t at_us) {
  if (line->is_off && !line->is_broken) {
    line->is_broken = true;
    line->broken_us = at_us;
    if (line->pulses == 0)
      line->break_us_sum = line->make_us_sum = 0;
  }
}

static void tick_fxs(struct lc_line *line, uint32_t now_us) {
  if (line->is_loop_open && is_due(line->loop_until_us, now_us)) {
    line->is_loop_open = false;
    line->is_blind = true;
    line->loop_until_us = now_us + WAKE_US;
    line->board->set_feed(line->board->context, line->port, true);
  }
  if (line->is_blind && is_due(line->loop_until_us, now_us)) {
    line->is_blind = false; /* who hung up meanwhile has done it now */
    lc_line_hook(line, line->is_seen_off, now_us);
  }
  if (line->is_settling && is_due(line->changed_us + us(line->times.debounce), now_us)) {
    line->is_settling = false;
    if (line->is_raw_off)
      lifted(line, line->changed_us);
    else
      opened(line, line->changed_us);
  }
  if (line->is_broken && !line->is_settling &&
      is_due(line->broken_us + us(line->times.flash_longest), now_us)) {
    line->is_broken = line->is_off = false;
    line->pulses = 0;
    tell_ms(line, LC_ON_HOOK, line->broken_us, ms_since(line->broken_us, now_us));
  }
  if (line->pulses && !line->is_broken && !line->is_settling &&
      is_due(line->made_us + DIGIT_OVER_US, now_us))
    tell_digit(line);
  if (line->is_ringing && is_due(line->step_us, now_us)) {
    line->cadence_at = (uint8_t)((line->cadence_at + 1) % line->cadence_size);
    line->step_us += us(line->cadence_ms[line->cadence_at]);
    set_burst(line, line->cadence_at % 2 == 0, now_us);
  }
  if (line->is_burst && is_due(line->burst_us + us(LC_LONGEST_RING_MS), now_us))
    set_burst(line, false, now_us); /* one RING after another makes no burst longer */
}

/* ---- FXO */

static void set_hook(struct lc_line *line, bool is_off) {
  line->board->set_hook(line->board->context, line->port, is_off);
}

bool lc_line_seize(struct lc_line *line) {
  if (line->is_lost)
    return false;
  line->is_seized = true;
  set_hook(line, true);
  return true;
}

void lc_line_release(struct lc_line *line) {
  line->is_seized = line->is_dialling = line->is_flashing = line->is_open = false;
  set_hook(line, false);
}

bool lc_line_flash(struct lc_line *line, uint16_t ms, uint32_t now_us) {
  if (!line->is_seized || line->is_dialling || line->is_flashing || ms == 0 || ms > 2000)
    return false;
  line->is_flashing = line->is_open = true;
  line->dial_us = now_us + us(ms);
  set_hook(line, false);
  return true;
}

bool lc_line_dial_pulses(struct lc_line *line, const uint8_t *digits, size_t size, uint32_t now_us) {
  if (!line->is_seized || line->is_dialling || line->is_flashing || size == 0 || size > LC_DIGITS)
    return false;
  for (size_t at = 0; at < size; at++)
    if (digits[at] < '0' || digits[at] > '9')
      return false;
  memcpy(line->digits, digits, size);
  line->digit_count = (uint8_t)size;
  line->digit_at = 0;
  line->pulses_left = 0;
  line->is_open = false;
  line->is_dialling = true;
  line->dial_us = now_us;
  return true;
}

static void dial_step(struct lc_line *line) {
  if (line->is_open) { /* a break ends */
    line->is_open = false;
    set_hook(line, true);
    line->pulses_left--;
    bool is_last = line->pulses_left == 0;
    line->dial_us += is_last ? BETWEEN_DIGITS_US : MAKE_US;
    return;
  }
  if (line->pulses_left == 0) {
    if (line->digit_at == line->digit_count) {
      line->is_dialling = false;
      return;
    }
    uint8_t digit = (uint8_t)(line->digits[line->digit_at++] - '0');
    line->pulses_left = digit ? digit : MOST_PULSES;
  }
  line->is_open = true;
  set_hook(line, false);
  line->dial_us += BREAK_US;
}

void lc_line_rung(struct lc_line *line, bool is_on, uint8_t hertz, uint32_t now_us) {
  if (is_on == line->is_rung)
    return;
  line->is_rung = is_on;
  if (is_on) {
    line->ring_us = now_us;
    line->tell(line->context, line->port, LC_RING_ON, now_us, &hertz, 1);
  } else {
    tell_ms(line, LC_RING_OFF, now_us, ms_since(line->ring_us, now_us));
  }
}

void lc_line_loop(struct lc_line *line, bool has_loop, uint32_t now_us) {
  if (line->is_open || has_loop == line->has_loop)
    return; /* our own break is no news */
  line->has_loop = has_loop;
  if (!has_loop) {
    line->loop_gone_us = now_us;
  } else if (line->is_lost) {
    line->is_lost = false;
    tell(line, LC_LINE_BACK, now_us);
  } else {
    tell_ms(line, LC_LOOP_BREAK, now_us, ms_since(line->loop_gone_us, now_us));
  }
}

static void tick_fxo(struct lc_line *line, uint32_t now_us) {
  if (line->is_flashing && is_due(line->dial_us, now_us)) {
    line->is_flashing = line->is_open = false;
    set_hook(line, true);
  }
  while (line->is_dialling && is_due(line->dial_us, now_us))
    dial_step(line);
  if (!line->has_loop && !line->is_lost && is_due(line->loop_gone_us + LOST_US, now_us)) {
    line->is_lost = true;
    tell(line, LC_LINE_LOST, line->loop_gone_us);
  }
}

void lc_line_tick(struct lc_line *line, uint32_t now_us) {
  if (line->kind == LC_FXS)
    tick_fxs(line, now_us);
  else
    tick_fxo(line, now_us);
}
