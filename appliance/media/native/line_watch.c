/* Lines whose device gives nothing though its stream is open. */
#include "line.h"
#include "line_card.h"

static const uint64_t EVERY_NS = 100000000u;    /* how often lines are looked at */
static const uint64_t STALLED_NS = 500000000u;  /* nothing for so long */
static const uint64_t NEVER_NS = 2000000000u;   /* nothing since it was opened */

enum { COMES_AGAIN = 0, COMES_NO_MORE = 1, NEVER_CAME = 2 };

static void watch(struct core *core, struct line *line) {
  uint64_t since_ns = line->heard_ns ? line->heard_ns : line->opened_ns;
  bool is_stalled = core->now_ns - since_ns >= (line->heard_ns ? STALLED_NS : NEVER_NS);
  if (is_stalled == line->is_stalled) return;
  line->is_stalled = is_stalled;
  struct core_event *event = core_push_event(core, CORE_LINE_STALLED, line->number);
  if (event) event->code = !is_stalled ? COMES_AGAIN : line->heard_ns ? COMES_NO_MORE : NEVER_CAME;
  if (is_stalled && line->card) card_restart(line->card);
}

void lines_watch(struct core *core) {
  if (core->now_ns - core->watched_ns < EVERY_NS) return;
  core->watched_ns = core->now_ns;
  for (int slot = 0; slot < MAX_LINES; slot++)
    if (core->lines[slot] && !core->lines[slot]->is_over) watch(core, core->lines[slot]);
}
