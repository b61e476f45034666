/* Drives lines as mad devices and a hasty caller would, for the sanitizers.

   usage: storm_lines SEED OCTETS
   Random octets, a tenth of them DLE, pour into lines of every framing from their devices; RTP and keys
   come from a phone; meanwhile two threads open, connect, play, listen and close. Devices vanish. Says
   how many octets went in; whatever is wrong beside that is the sanitizer's to say. */
#include "core.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINES = 4, LOWEST_PORT = 34000, MOST = 4096 };

struct device {
  int ours, theirs;
  atomic_int number;
};

struct storm {
  struct core *core;
  struct device devices[LINES];
  pthread_mutex_t changing; /* a device is replaced by one thread at a time */
  int stream, phone;
  atomic_bool is_over;
  unsigned seed;
};

static unsigned chance(unsigned *seed, unsigned sides) { return (unsigned)rand_r(seed) % sides; }

static void plug(struct storm *storm, struct device *device, unsigned *seed) {
  static const int rates[] = {8000, 8000, 16000, 48000}, frames[] = {0, 0, 320, 160};
  int pair[2];
  uint8_t unread[3] = {0x10, 0x1a, 0x10};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair)) exit(2);
  device->ours = pair[0];
  device->theirs = pair[1];
  struct core_line_audio audio = {
      .descriptor = pair[1],
      .encoding = (int)chance(seed, 4),
      .sample_rate_hz = rates[chance(seed, 4)],
      .frame_octets = frames[chance(seed, 4)],
      .queue_ms = (int)chance(seed, 300),
      .is_dle_shielded = (int)chance(seed, 2),
      .is_receive_only = chance(seed, 4) == 0,
      .unread = unread,
      .unread_size = chance(seed, 4),
  };
  atomic_store(&device->number, core_line_open(storm->core, &audio));
}

static void unplug(struct storm *storm, struct device *device) {
  uint8_t unread[MOST];
  core_line_close(storm->core, atomic_load(&device->number), unread, sizeof unread);
  close(device->ours);
  close(device->theirs);
}

static void replace(struct storm *storm, unsigned *seed) {
  struct device *device = &storm->devices[chance(seed, LINES)];
  pthread_mutex_lock(&storm->changing);
  if (chance(seed, 2)) shutdown(device->ours, SHUT_RDWR); /* it vanishes first */
  unplug(storm, device);
  plug(storm, device, seed);
  pthread_mutex_unlock(&storm->changing);
}

static void listen_to_something(struct core *core, int number, unsigned *seed) {
  struct detect_config config = {.hears_keys = (int)chance(seed, 2), .caller_id = chance(seed, 16)};
  config.silence_ms = (int)chance(seed, 500);
  config.watch_count = (int)chance(seed, 3);
  for (int i = 0; i < config.watch_count; i++) {
    struct tone_watch watch = {.id = i, .hz_count = 1, .pattern_count = 2, .cycles = 2};
    watch.hz[0] = 300.0f + 10.0f * (float)chance(seed, 100);
    watch.tolerance_hz = 25.0f;
    watch.pattern_ms[0] = watch.pattern_ms[1] = 100 + (int)chance(seed, 400);
    config.watches[i] = watch;
  }
  core_line_listen(core, number, &config);
}

static void command(struct storm *storm, unsigned *seed) {
  struct core *core = storm->core;
  struct core_line_statistics statistics;
  static _Thread_local struct core_event events[16];
  uint8_t payload[500] = {0}, recorded[CORE_RECORDED];
  int number = atomic_load(&storm->devices[chance(seed, LINES)].number);
  int other = atomic_load(&storm->devices[chance(seed, LINES)].number);
  switch (chance(seed, 17)) {
    case 0: if (chance(seed, 10) == 0) replace(storm, seed); break;
    case 1: core_connect(core, number, storm->stream); break;
    case 2: core_connect(core, storm->stream, number); break;
    case 3: core_connect(core, number, other); break;
    case 4: core_play(core, number, payload, chance(seed, 500), 8, (int)chance(seed, 2)); break;
    case 5: core_echo(core, number); break;
    case 6: core_stop_playing(core, number); break;
    case 7: core_line_read_statistics(core, number, &statistics); break;
    case 8: core_take_events(core, events, 16); break;
    case 9: core_disconnect(core, chance(seed, 2) ? number : storm->stream); break;
    case 10: listen_to_something(core, number, seed); break;
    case 11: core_line_cancel_echo(core, number, (int)chance(seed, 3), chance(seed, 900)); break;
    case 12: core_line_send_keys(core, number, "159#", 50, 50, -8); break;
    case 13: core_record(core, number); break;
    case 14: core_take_recorded(core, number, recorded, 1 + chance(seed, CORE_RECORDED)); break;
    case 15: if (chance(seed, 4) == 0) core_stop_recording(core, number); break;
    default: core_line_set_gain(core, number, chance(seed, 60) - 30.0, chance(seed, 60) - 30.0);
  }
}

static void *hurry(void *context) {
  struct storm *storm = context;
  unsigned seed = storm->seed + 1;
  while (!atomic_load(&storm->is_over)) {
    command(storm, &seed);
    usleep(200);
  }
  return NULL;
}

static void say_rtp(struct storm *storm, unsigned *seed, unsigned number) {
  static const uint8_t kinds[] = {0, 8, 8, 101, 13};
  uint8_t packet[600] = {0x80, kinds[chance(seed, 5)], (uint8_t)(number >> 8), (uint8_t)number};
  size_t size = chance(seed, 10) ? 172 : 12 + chance(seed, 588);
  uint32_t timestamp = htonl(chance(seed, 50) ? 160 * number : (uint32_t)rand_r(seed));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(LOWEST_PORT)};
  memcpy(packet + 4, &timestamp, sizeof timestamp);
  for (size_t i = 12; i < size; i++) packet[i] = (uint8_t)rand_r(seed);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sendto(storm->phone, packet, size, 0, (struct sockaddr *)&address, sizeof address);
  while (recv(storm->phone, packet, sizeof packet, MSG_DONTWAIT) >= 0) continue;
}

static size_t pour(struct storm *storm, unsigned *seed) {
  uint8_t octets[MOST];
  size_t size = chance(seed, 4) ? 1 + chance(seed, 320) : 1 + chance(seed, MOST);
  for (size_t i = 0; i < size; i++)
    octets[i] = chance(seed, 10) ? (uint8_t)rand_r(seed) : (uint8_t)0x10;
  pthread_mutex_lock(&storm->changing);
  struct device *device = &storm->devices[chance(seed, LINES)];
  ssize_t sent = send(device->ours, octets, size, MSG_NOSIGNAL);
  while (recv(device->ours, octets, sizeof octets, 0) > 0) continue;
  pthread_mutex_unlock(&storm->changing);
  if (sent < 0) replace(storm, seed); /* it is full, or its stream has ended */
  return sent > 0 ? (size_t)sent : 0;
}

static void open_phone(struct storm *storm) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  storm->phone = socket(AF_INET, SOCK_DGRAM, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(storm->phone, (struct sockaddr *)&address, length) < 0) exit(2);
  getsockname(storm->phone, (struct sockaddr *)&address, &length);
  uint16_t port = ntohs(address.sin_port);
  storm->stream = core_open(storm->core, "127.0.0.1", LOWEST_PORT);
  if (storm->stream < 0) exit(2);
  if (core_set_remote(storm->core, storm->stream, "127.0.0.1", port, 0, 0, "")) exit(2);
  core_describe(storm->core, storm->stream, 101, 8000, 0);
}

int main(int count, char **arguments) {
  static struct storm storm;
  pthread_t thread;
  if (count != 3) return 2;
  unsigned seed = storm.seed = (unsigned)atoi(arguments[1]);
  size_t most = (size_t)atol(arguments[2]), poured = 0;
  storm.core = core_start(64);
  if (!storm.core || pthread_mutex_init(&storm.changing, NULL)) return 2;
  open_phone(&storm);
  for (int i = 0; i < LINES; i++) plug(&storm, &storm.devices[i], &seed);
  if (pthread_create(&thread, NULL, hurry, &storm)) return 2;
  for (unsigned number = 0; poured < most; number++) {
    poured += pour(&storm, &seed);
    say_rtp(&storm, &seed, number);
    command(&storm, &seed);
  }
  atomic_store(&storm.is_over, true);
  pthread_join(thread, NULL);
  for (int i = 0; i < LINES - 1; i++) unplug(&storm, &storm.devices[i]);
  core_stop(storm.core); /* with a line and a stream still open */
  close(storm.devices[LINES - 1].ours);
  close(storm.devices[LINES - 1].theirs);
  close(storm.phone);
  printf("%zu octets\n", poured);
  return 0;
}
