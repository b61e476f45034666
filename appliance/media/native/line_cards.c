/* The sound cards that lines share, and the timer that turns them. */
#include "line.h"
#include "line_card.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TURN_NS = 5 * 1000 * 1000 };

static struct sound_card **place_of(struct core *core, const struct core_line_audio *audio) {
  struct sound_card **vacant = NULL;
  for (int i = 0; i < MAX_CARDS; i++) {
    if (core->cards[i] && card_is(core->cards[i], audio)) return &core->cards[i];
    if (!core->cards[i] && !vacant) vacant = &core->cards[i];
  }
  return vacant;
}

static int set_timer(struct core *core) {
  bool is_needed = false;
  for (int i = 0; i < MAX_CARDS; i++) is_needed |= core->cards[i] != NULL;
  if (core->card_timer < 0) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = KEY_CARDS};
    core->card_timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (core->card_timer < 0) return -errno;
    if (epoll_ctl(core->epoll, EPOLL_CTL_ADD, core->card_timer, &event) < 0) return -errno;
  }
  struct itimerspec spec = {{0, is_needed ? TURN_NS : 0}, {0, is_needed ? 1 : 0}};
  return timerfd_settime(core->card_timer, 0, &spec, NULL) < 0 ? -errno : 0;
}

/* Under the lock. */
static int join(struct core *core, struct line *line, const struct core_line_audio *audio,
                struct sound_card **opened) {
  struct sound_card **place = place_of(core, audio);
  if (!place) return -ENOSPC;
  if (!*place && !*opened) return -EAGAIN; /* it must be opened first */
  bool is_new = !*place;
  struct sound_card *card = is_new ? *opened : *place;
  int error = card_attach(card, line, audio->alsa_channel);
  if (error) return error;
  line->card = card;
  if (!is_new) return 0;
  *place = card;
  *opened = NULL;
  return set_timer(core);
}

int cards_join(struct core *core, struct line *line, const struct core_line_audio *audio) {
  struct sound_card *opened = NULL;
  core_lock(core);
  int error = join(core, line, audio, &opened);
  core_unlock(core);
  if (error != -EAGAIN) return error;
  opened = card_open(audio, &error);
  if (!opened) return error;
  core_lock(core);
  error = join(core, line, audio, &opened);
  core_unlock(core);
  if (opened) card_close(opened); /* another thread was quicker, or there is no such channel */
  return error;
}

void cards_leave(struct core *core, struct line *line) {
  struct sound_card *card = NULL;
  core_lock(core);
  if (line->card && card_detach(line->card, line)) {
    card = line->card;
    for (int i = 0; i < MAX_CARDS; i++)
      if (core->cards[i] == card) core->cards[i] = NULL;
    set_timer(core);
  }
  line->card = NULL;
  core_unlock(core);
  if (card) card_close(card);
}

void cards_turn(struct core *core) {
  uint64_t count;
  if (read(core->card_timer, &count, sizeof count) != sizeof count) return;
  for (int i = 0; i < MAX_CARDS; i++)
    if (core->cards[i]) card_turn(core->cards[i]);
}
