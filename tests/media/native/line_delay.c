/* How much later a sound leaves than it came, in virtual time: from the far end's packet to the line's
   wire, and from the wire to the packet.

   usage: line_delay ENCODING SHIELDED CHUNK_MS FRAME_OCTETS QUEUE_MS LEAD_MS HOLD_MS PPM JITTER_US
   A device hands over CHUNK_MS at a time and plays by its own clock what it was given, HOLD_MS after it was
   given the first of it; a far end sends 20 ms packets. Each says a click a second. Delays count from the instant at which a click exists on the
   wire (or at which its packet came) to the instant at which it is played (or its place in the packet that
   leaves); the 20 ms of a packet are in them. Prints the mean and the greatest of each as JSON. */
#include "line_device.h"
#include "line_g711.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SECONDS = 150, CLICK = 12000, HEARD = 3500, SETTLING_S = 5, MOST_CLICKS = SECONDS + 2 };

struct way {
  double said_s[MOST_CLICKS], sum_ms, greatest_ms;
  int said, heard;
};

struct scene {
  struct device device;
  struct voice voice;
  struct way to_line, from_line;
  int wire; /* the device's end of the descriptor */
  double now_s, sample_s, hold_s;
  struct unframer unframer;
  uint64_t given, played, waiting; /* samples of the device */
  double due_s;                    /* when the next sample that it is given will be played */
  unsigned long underruns, seed;
};

static void say(struct way *way, double at_s) { way->said_s[way->said++ % MOST_CLICKS] = at_s; }

static void hear(struct way *way, double at_s) {
  if (way->heard >= way->said) return;
  double late_ms = 1000 * (at_s - way->said_s[way->heard]);
  if (late_ms < 0) return;
  if (way->said_s[way->heard++] < SETTLING_S) return;
  way->sum_ms += late_ms;
  way->greatest_ms = fmax(way->greatest_ms, late_ms);
}

static bool is_click(int16_t sample, uint64_t *last, uint64_t at) {
  bool is_new = abs(sample) > HEARD && at > *last + 400;
  if (abs(sample) > HEARD) *last = at;
  return is_new;
}

static void send_packet(void *context, const uint8_t *packet, size_t size) {
  struct scene *scene = context;
  static uint64_t at = 1000, last;
  for (size_t i = 12; i < size; i++, at++)
    if (is_click(alaw_decode(packet[i]), &last, at))
      hear(&scene->from_line, scene->now_s + (double)(i - 12) / 8000);
}

static void tell(void *context, enum voice_news news) { (void)context, (void)news; }
static void detected(void *context, const struct detection *found) { (void)context, (void)found; }
static void told(void *context, int code) { (void)context, (void)code; }

/* What was written is played after what waits; where nothing waited there was a gap. */
static void play(struct scene *scene) {
  uint8_t octets[8192];
  int16_t samples[512];
  static uint64_t last;
  ssize_t size = recv(scene->wire, octets, sizeof octets, MSG_DONTWAIT);
  for (ssize_t at = 0; at < size;) {
    size_t made;
    int code;
    at += (ssize_t)unframe(&scene->unframer, octets + at, (size_t)(size - at), samples, 512, &made,
                           &code);
    for (size_t i = 0; i < made; i++) {
      if (scene->due_s < scene->now_s) {
        scene->underruns += scene->played > 0;
        scene->due_s = scene->now_s + (scene->played > 0 ? 0 : scene->hold_s);
      }
      if (is_click(samples[i], &last, ++scene->played + 1000)) hear(&scene->to_line, scene->due_s);
      scene->due_s += scene->sample_s;
    }
  }
}

static void give(struct scene *scene, int count) {
  int16_t samples[2048] = {0};
  uint8_t octets[8192];
  const struct device_settings *settings = &scene->device.settings;
  for (int i = 0; i < count; i++, scene->given++) {
    if (scene->given % 8000 != 3217) continue;
    samples[i] = CLICK;
    say(&scene->from_line, (double)scene->given * scene->sample_s);
  }
  size_t size = frame_samples(settings->encoding, settings->is_shielded, samples, (size_t)count, octets);
  device_take(&scene->device, &scene->voice, octets, size, (uint64_t)(scene->now_s * 1e9), told,
              NULL);
  if (device_write(&scene->device)) exit(2);
  play(scene);
}

static void receive(struct scene *scene, uint32_t number) {
  uint8_t payload[160];
  struct rtp_header header = {number * 160, 7, (uint16_t)number, 8, false};
  memset(payload, 0xd5, sizeof payload);
  if (number % 50 == 7) payload[0] = alaw_encode(CLICK);
  if (number % 50 == 7) say(&scene->to_line, scene->now_s);
  voice_hear_rtp(&scene->voice, &header, payload, sizeof payload, -1,
                 (uint64_t)(scene->now_s * 1e9));
}

static void run(struct scene *scene, int chunk, int jitter_us) {
  unsigned seed = 3;
  double packet_s = 0.0031;
  for (uint32_t number = 0; scene->now_s < SECONDS;) {
    double chunk_s = (double)(scene->given + (uint64_t)chunk) * scene->sample_s;
    if (chunk_s <= packet_s) {
      scene->now_s = chunk_s;
      give(scene, chunk);
    } else {
      scene->now_s = fmax(scene->now_s, packet_s);
      receive(scene, number++);
      double late_s = jitter_us ? (rand_r(&seed) % jitter_us) * 1e-6 : 0;
      packet_s = fmax(packet_s, 0.0031 + number * 0.02 + late_s);
    }
  }
}

int main(int count, char **arguments) {
  static struct scene scene;
  int pair[2];
  if (count != 10 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair)) return 2;
  struct device_settings settings = {.encoding = (enum line_encoding)atoi(arguments[1]),
                                     .descriptor = pair[0],
                                     .sample_rate_hz = 8000,
                                     .frame_octets = atoi(arguments[4]),
                                     .queue_ms = atoi(arguments[5]),
                                     .lead_ms = atoi(arguments[6]),
                                     .is_shielded = atoi(arguments[2]) != 0};
  scene.wire = pair[1];
  scene.hold_s = 1e-3 * atoi(arguments[7]);
  scene.sample_s = 1.0 / 8000 / (1 + atof(arguments[8]) * 1e-6);
  unframer_init(&scene.unframer, settings.encoding, settings.is_shielded);
  struct voice_outlet outlet = {&scene, send_packet, tell, detected};
  if (voice_init(&scene.voice, outlet) || device_init(&scene.device, &settings)) return 2;
  scene.voice.sender.unit = device_unit(&scene.device);
  run(&scene, 8 * atoi(arguments[3]), atoi(arguments[9]));
  struct way *to = &scene.to_line, *from = &scene.from_line;
  printf("{\"to_line_ms\": %.1f, \"to_line_most_ms\": %.1f, ",
         to->sum_ms / (to->heard - SETTLING_S), to->greatest_ms);
  printf("\"from_line_ms\": %.1f, \"from_line_most_ms\": %.1f, ",
         from->sum_ms / (from->heard - SETTLING_S), from->greatest_ms);
  printf("\"clicks\": [%d, %d], \"gaps\": %lu}\n", to->heard, from->heard, scene.underruns);
  device_free(&scene.device);
  voice_free(&scene.voice);
  return 0;
}
