#include "player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { PCMU = 0, PCMU_SILENCE = 0xff, PCMA_SILENCE = 0xd5, FRAME_NS = 20 * 1000 * 1000 };

void player_init(struct player *player) {
  uint8_t seed[10] = {0};
  memset(player, 0, sizeof *player);
  if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed) write_u32(seed, (uint32_t)random());
  player->ssrc = read_u32(seed);
  player->timestamp = read_u32(seed + 4);
  player->sequence_number = read_u16(seed + 8);
}

int player_start(struct player *player, const uint8_t *payload, size_t size, uint8_t payload_type,
                 bool repeats, uint64_t now_ns) {
  if (size == 0) return -EINVAL;
  uint8_t *copy = malloc(size);
  if (!copy) return -ENOMEM;
  memcpy(copy, payload, size);
  player_stop(player);
  player->payload = copy;
  player->size = size;
  player->at = 0;
  player->payload_type = payload_type & 0x7f;
  player->repeats = repeats;
  player->is_first = true;
  /* The silence between two plays counts in the timestamp, as in any talkspurt (RFC 3551 §4.1). */
  if (player->sent_ns && now_ns > player->sent_ns + FRAME_NS)
    player->timestamp += (uint32_t)((now_ns - player->sent_ns) / FRAME_NS - 1) * FRAME_OCTETS;
  return 0;
}

void player_stop(struct player *player) {
  free(player->payload);
  player->payload = NULL;
}

static void fill_frame(struct player *player, uint8_t frame[FRAME_OCTETS]) {
  size_t filled = 0;
  while (filled < FRAME_OCTETS && player->at < player->size) {
    size_t left = player->size - player->at, room = FRAME_OCTETS - filled;
    size_t part = left < room ? left : room;
    memcpy(frame + filled, player->payload + player->at, part);
    filled += part;
    player->at += part;
    if (player->repeats && player->at == player->size) player->at = 0;
  }
  uint8_t silence = player->payload_type == PCMU ? PCMU_SILENCE : PCMA_SILENCE;
  memset(frame + filled, silence, FRAME_OCTETS - filled);
}

bool player_next(struct player *player, uint64_t now_ns, uint8_t packet[FRAME_PACKET]) {
  if (player->at >= player->size) return false;
  packet[0] = 0x80;
  packet[1] = (uint8_t)(player->is_first << 7 | player->payload_type);
  write_u16(packet + 2, player->sequence_number++);
  write_u32(packet + 4, player->timestamp);
  write_u32(packet + 8, player->ssrc);
  fill_frame(player, packet + 12);
  player->timestamp += FRAME_OCTETS;
  player->is_first = false;
  player->sent_ns = now_ns;
  return true;
}
