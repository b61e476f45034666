/* The packet thread, its lock, its timer, and the ring of events. */
#include "line.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, TICK_NS = 20 * 1000 * 1000, WATCH_MS = 100 };

/* Taking the gate first makes the table's lock fair: who waits holds the gate, so the packet thread
   cannot take the table twice in a row past a waiting command. */
void core_lock(struct core *core) {
  struct timespec now;
  pthread_mutex_lock(&core->gate);
  pthread_mutex_lock(&core->table);
  pthread_mutex_unlock(&core->gate);
  clock_gettime(CLOCK_MONOTONIC, &now);
  core->now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void core_unlock(struct core *core) { pthread_mutex_unlock(&core->table); }

struct stream *core_find(struct core *core, int number) {
  uint32_t slot = (uint32_t)number & (MAX_STREAMS - 1);
  if (number < 0 || slot >= core->highest) return NULL;
  return core->streams[slot].number == number ? &core->streams[slot] : NULL;
}

bool core_owns(const struct core *core, const struct address *address) {
  for (uint32_t slot = 0; slot < core->highest; slot++) {
    const struct stream *stream = &core->streams[slot];
    if (stream->number < 0) continue;
    uint16_t port = address_port(address), own = address_port(&stream->rtp.local);
    if (port != own && port != own + 1) continue;
    const struct address *local = &stream->rtp.local;
    if (address_is_same_host(address, local) || address_is_wildcard(local)) return true;
  }
  return false;
}

static void signal_descriptor(int fd) {
  uint64_t one = 1;
  while (write(fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

struct core_event *core_push_event(struct core *core, int kind, int number) {
  bool may_be_many = kind == CORE_KEY_PRESSED || kind == CORE_STREAM_CODE;
  int room = may_be_many ? EVENT_RING - EVENTS_ONCE : EVENT_RING;
  if (core->ring_used >= room) return NULL; /* nobody reads: the newest are lost */
  struct core_event *event = &core->ring[(core->ring_at + core->ring_used) % EVENT_RING];
  *event = (struct core_event){.kind = kind, .stream = number};
  if (core->ring_used++ == 0) signal_descriptor(core->announce);
  return event;
}

int core_take_events(struct core *core, struct core_event *events, int room) {
  uint64_t count;
  int taken = 0;
  core_lock(core);
  for (; taken < room && core->ring_used > 0; taken++, core->ring_used--) {
    events[taken] = core->ring[core->ring_at];
    core->ring_at = (core->ring_at + 1) % EVENT_RING;
  }
  if (core->ring_used == 0 && read(core->announce, &count, sizeof count) < 0) errno = 0;
  core_unlock(core);
  return taken;
}

unsigned core_keep_message(struct core *core, const uint8_t *octets, int length) {
  struct message *kept = &core->messages[++core->message_count % MESSAGES_KEPT];
  kept->number = core->message_count;
  kept->length = length < DETECT_MESSAGE ? length : DETECT_MESSAGE;
  memcpy(kept->octets, octets, (size_t)kept->length);
  return kept->number;
}

int core_read_message(struct core *core, unsigned number, uint8_t *octets) {
  core_lock(core);
  const struct message *kept = &core->messages[number % MESSAGES_KEPT];
  int length = number > 0 && kept->number == number ? kept->length : -ENOENT;
  if (length > 0) memcpy(octets, kept->octets, (size_t)length);
  core_unlock(core);
  return length;
}

int core_event_descriptor(struct core *core) { return core->announce; }

void core_poke(struct core *core) { signal_descriptor(core->wake); }

uint64_t core_rounds(struct core *core) { return atomic_load(&core->rounds); }

static void set_timer(struct core *core, long first_ns, long every_ns) {
  struct itimerspec spec = {{0, every_ns}, {0, first_ns}};
  timerfd_settime(core->timer, 0, &spec, NULL);
}

void core_want_ticks(struct core *core) {
  if (core->is_ticking) return;
  core->is_ticking = true;
  set_timer(core, 1, TICK_NS);
}

static void tick(struct core *core) {
  uint64_t expirations = 0;
  if (read(core->timer, &expirations, sizeof expirations) != sizeof expirations) return;
  relay_tick(core, expirations > BATCH ? BATCH : (unsigned)expirations);
  if (!core->is_ticking) set_timer(core, 0, 0);
}

static void handle(struct core *core, uint64_t key) {
  uint64_t count;
  if (key == KEY_TIMER) {
    tick(core);
  } else if (key == KEY_WAKE) {
    if (read(core->wake, &count, sizeof count) < 0) errno = 0;
  } else if (key == KEY_CARDS) {
    cards_turn(core);
  } else {
    struct stream *stream = core_find(core, (int)(key >> 2));
    if (!stream) /* a line, or closed while this batch waited for the lock */
      line_ready(core, (int)(key >> 2));
    else if (key & 1)
      relay_line(core, stream, key & 2);
    else
      relay_door(core, stream, key & 2);
  }
}

static void *run(void *context) {
  struct core *core = context;
  struct epoll_event events[BATCH];
  for (bool is_stopping = false; !is_stopping;) {
    bool has_lines = atomic_load(&core->line_count) > 0;
    int count = epoll_wait(core->epoll, events, BATCH, has_lines ? WATCH_MS : -1);
    core_lock(core);
    for (int i = 0; i < count; i++) handle(core, events[i].data.u64);
    if (has_lines) lines_watch(core);
    is_stopping = core->is_stopping;
    core_unlock(core);
    atomic_fetch_add(&core->rounds, 1);
  }
  return NULL;
}

static int watch(struct core *core, int fd, uint64_t key) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = key};
  return fd < 0 ? -1 : epoll_ctl(core->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void release(struct core *core) {
  int descriptors[] = {core->epoll, core->timer, core->wake, core->announce, core->card_timer};
  for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
    if (descriptors[i] >= 0) close(descriptors[i]);
  pthread_mutex_destroy(&core->gate);
  pthread_mutex_destroy(&core->table);
  free(core->streams);
  free(core);
}

/* Signals belong to the threads of our caller. */
static int start_thread(struct core *core) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&core->thread, NULL, run, core);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!error) pthread_setname_np(core->thread, "media");
  return error;
}

struct core *core_start(uint32_t capacity) {
  struct core *core = calloc(1, sizeof *core);
  if (!core) return NULL;
  core->capacity = capacity < MAX_STREAMS ? capacity : MAX_STREAMS;
  core->streams = calloc(core->capacity, sizeof *core->streams);
  pthread_mutex_init(&core->gate, NULL);
  pthread_mutex_init(&core->table, NULL);
  core->card_timer = -1;
  core->epoll = epoll_create1(EPOLL_CLOEXEC);
  core->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  core->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  core->announce = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  bool is_ready = core->streams && core->announce >= 0 &&
                  watch(core, core->timer, KEY_TIMER) == 0 &&
                  watch(core, core->wake, KEY_WAKE) == 0;
  int error = is_ready ? start_thread(core) : errno;
  if (!error) return core;
  release(core);
  errno = error;
  return NULL;
}

void core_stop(struct core *core) {
  core_lock(core);
  core->is_stopping = true;
  core_unlock(core);
  signal_descriptor(core->wake);
  pthread_join(core->thread, NULL);
  for (uint32_t slot = 0; slot < core->highest; slot++)
    if (core->streams[slot].number >= 0) core_close(core, core->streams[slot].number);
  for (int slot = 0; slot < MAX_LINES; slot++)
    if (core->lines[slot]) core_line_close(core, core->lines[slot]->number, NULL, 0);
  release(core);
}
