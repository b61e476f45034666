/* Drives the whole core as a hostile network and a hasty caller would, for the sanitizers.

   usage: storm SEED PACKETS
   Damaged RTP and RTCP pours into four streams from their far ends and from strangers while two
   threads open, aim, connect, describe, play, echo, record, read and close them. Says how many packets
   went in; whatever is wrong beside that is the sanitizer's to say. */
#include "core.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAMS = 4, PHONES = 4, LOWEST_PORT = 33000, PORTS = 400, LONGEST = 65507 };

struct storm {
  struct core *core;
  int phones[PHONES];
  uint16_t phone_ports[PHONES];
  atomic_int numbers[STREAMS], ports[STREAMS];
  atomic_bool is_over;
  unsigned seed;
};

static unsigned chance(unsigned *seed, unsigned sides) {
  return (unsigned)rand_r(seed) % sides;
}

static void open_phones(struct storm *storm) {
  for (int i = 0; i < PHONES; i++) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    storm->phones[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(storm->phones[i], (struct sockaddr *)&address, length) < 0) exit(2);
    getsockname(storm->phones[i], (struct sockaddr *)&address, &length);
    storm->phone_ports[i] = ntohs(address.sin_port);
  }
}

static size_t make_packet(unsigned *seed, uint8_t packet[LONGEST]) {
  static const uint8_t kinds[] = {0, 8, 101, 200, 201, 202, 203, 206};
  size_t size = chance(seed, 8) ? chance(seed, 240) : chance(seed, 2600);
  if (chance(seed, 500) == 0) size = LONGEST - chance(seed, 3);
  for (size_t i = 0; i < size; i++) packet[i] = (uint8_t)rand_r(seed);
  if (size < 4 || chance(seed, 10) == 0) return size; /* pure noise */
  packet[0] = chance(seed, 3) ? 0x80 : (uint8_t)(0x80 | chance(seed, 64));
  packet[1] = kinds[chance(seed, sizeof kinds)];
  if (packet[1] < 128) {
    memset(packet + 8, 1, size >= 12 ? 4 : 0);
  } else if (chance(seed, 3)) {
    uint16_t words = htons((uint16_t)(size / 4 - 1));
    memcpy(packet + 2, &words, sizeof words);
    size &= ~(size_t)3;
  }
  return size;
}

static void pour(struct storm *storm, unsigned *seed, int count) {
  uint8_t packet[LONGEST];
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < count; i++) {
    size_t size = make_packet(seed, packet);
    int port = atomic_load(&storm->ports[chance(seed, STREAMS)]) + (int)chance(seed, 2);
    int phone = storm->phones[chance(seed, PHONES)];
    address.sin_port = htons((uint16_t)port);
    sendto(phone, packet, size, 0, (struct sockaddr *)&address, sizeof address);
    while (recv(phone, packet, sizeof packet, 0) >= 0) continue;
  }
}

static void reopen(struct storm *storm, unsigned *seed, int which) {
  core_close(storm->core, atomic_load(&storm->numbers[which]));
  for (int number = -1; number < 0;) {
    int port = LOWEST_PORT + 2 * (int)chance(seed, PORTS);
    number = core_open(storm->core, "127.0.0.1", (uint16_t)port);
    atomic_store(&storm->ports[which], port);
    atomic_store(&storm->numbers[which], number);
  }
}

static void command(struct storm *storm, unsigned *seed) {
  struct core *core = storm->core;
  struct core_statistics statistics;
  struct core_event events[16];
  uint8_t payload[500] = {0}, recorded[CORE_RECORDED];
  int which = (int)chance(seed, STREAMS), number = atomic_load(&storm->numbers[which]);
  uint16_t port = storm->phone_ports[chance(seed, PHONES)];
  int is_behind_nat = (int)chance(seed, 2);
  switch (chance(seed, 14)) {
    case 0: reopen(storm, seed, which); break;
    case 1: core_connect(core, number, atomic_load(&storm->numbers[chance(seed, STREAMS)])); break;
    case 2: core_describe(core, number, 101, chance(seed, 2) * 48000, chance(seed, 4) == 0); break;
    case 3: core_play(core, number, payload, chance(seed, sizeof payload), 8, chance(seed, 2)); break;
    case 4: core_echo(core, number); break;
    case 5: core_stop_playing(core, number); break;
    case 6: core_read_statistics(core, number, &statistics); break;
    case 7: core_take_events(core, events, 16); break;
    case 8: core_disconnect(core, (int)chance(seed, 100) ? number : rand_r(seed)); break;
    case 9: core_record(core, number); break;
    case 10: core_take_recorded(core, number, recorded, 1 + chance(seed, CORE_RECORDED)); break;
    case 11: if (chance(seed, 4) == 0) core_stop_recording(core, number); break;
    default: core_set_remote(core, number, "127.0.0.1", port, port, is_behind_nat, "127.0.0.1"); break;
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

int main(int count, char **arguments) {
  static struct storm storm;
  if (count != 3) return 2;
  int packets = atoi(arguments[2]);
  storm.seed = (unsigned)atoi(arguments[1]);
  unsigned seed = storm.seed;
  storm.core = core_start(64);
  if (!storm.core) return 2;
  open_phones(&storm);
  for (int i = 0; i < STREAMS; i++) reopen(&storm, &seed, i);
  pthread_t thread;
  if (pthread_create(&thread, NULL, hurry, &storm)) return 2;
  for (int i = 0; i < packets; i += 50) {
    pour(&storm, &seed, 50);
    command(&storm, &seed);
  }
  atomic_store(&storm.is_over, true);
  pthread_join(thread, NULL);
  core_stop(storm.core);
  for (int i = 0; i < PHONES; i++) close(storm.phones[i]);
  printf("%d packets\n", packets);
  return 0;
}
