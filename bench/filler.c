/* SPDX-License-Identifier: Apache-2.0 */
#include "filler.h"

#include <stdbool.h>
#include <string.h>

/* How far back a copy may reach: inside DEFLATE's window. */
#define WINDOW 16384

/* Splitmix64: https://prng.di.unimi.it/splitmix64.c */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t filler_mix(uint64_t seed, uint64_t i)
{
	uint64_t state = seed ^ i * 0xd6e8feb86659fd93;

	return next(&state);
}

static void fill_random(unsigned char *out, size_t n, uint64_t state)
{
	for (size_t at = 0; at < n; at += 8) {
		uint64_t r = next(&state);

		memcpy(out + at, &r, n - at < 8 ? n - at : 8);
	}
}

/* 140 different bytes: nothing repeats, but each costs 7.1 bits. */
static void fill_image(unsigned char *out, size_t n, uint64_t state)
{
	fill_random(out, n, state);
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)(out[i] * 140U >> 8);
}

/* Copies of earlier bytes, mixed with new ones: what DEFLATE is made for. */
struct mixture {
	unsigned copies;                /* of 256 steps; the others are new bytes */
	unsigned least, spread;         /* length of a copy */
	unsigned letters, first, fresh; /* new bytes: how many values, from, at most */
};
static const struct mixture text = { 158, 3, 8, 24, 32, 4 };

static void fill_mixture(unsigned char *out, size_t n, const struct mixture *m,
                         uint64_t state)
{
	size_t at = 0;

	while (at < n) {
		uint64_t r = next(&state);
		bool is_copy = at > 0 && (r & 255) < m->copies;
		size_t length = is_copy ? m->least + (r >> 8 & 255) % m->spread
		                        : 1 + (r >> 8 & 255) % m->fresh;
		size_t end = length < n - at ? at + length : n;

		if (is_copy) {
			size_t back =
				1 + (size_t)(r >> 16) % (at < WINDOW ? at : WINDOW);
			for (; at < end; at++)
				out[at] = out[at - back];
			continue;
		}
		for (r >>= 16; at < end; at++, r = r >> 6 ^ r << 58)
			out[at] = (unsigned char)(m->first +
			                          (r & 255) * m->letters / 256);
	}
}

/*
 * Machine code: instructions of four bytes, few of them common, in runs that come
 * again with another last operand.  Deflates to 30 %, by zlib at level 6 with about
 * 43 MB/s where text takes 50: the executables of real apps with 5 MB and more gave
 * 24 to 43 % at 42 to 45 MB/s on the same machine.
 */
static void fill_code(unsigned char *out, size_t n, uint64_t state)
{
	enum {
		WORD = 4,
		BACK = 8192,
		COMMON = 512,
		LEAST = 2,
		SPREAD = 16
	};
	size_t at = 0;

	while (at + WORD <= n) {
		uint64_t r = next(&state);
		size_t far = at / WORD < BACK ? at / WORD : BACK;
		size_t back = (1 + (size_t)(r >> 16 & 0xffff) * far / 65536) * WORD;
		size_t run =
			LEAST + ((r >> 32 & 255) * (r >> 40 & 255) >> 8) * SPREAD / 256;

		if ((r & 1) != 0 && at >= back) {
			for (; run > 0 && at + WORD <= n; run--, at += WORD)
				memcpy(out + at, out + at - back, WORD);
			out[at - WORD] ^= (unsigned char)(r >> 56 << 5);
			out[at - WORD + 1] ^= (unsigned char)(r >> 59);
			continue;
		}
		uint64_t skewed = (r >> 8 & 0xffff) * (r >> 24 & 0xffff) >> 16;
		uint64_t which = (skewed * (r >> 40 & 0xffff) >> 16) * COMMON >> 16;
		uint64_t word = filler_mix(COMMON, which);

		out[at] = (unsigned char)(word & 0xe3);
		out[at + 1] = (unsigned char)(word >> 8 & 0x0f);
		out[at + 2] = (unsigned char)filler_mix(1, which % 11);
		out[at + 3] = (unsigned char)filler_mix(2, which % 23);
		at += WORD;
	}
	memset(out + at, 0, n - at);
}

void filler_fill(unsigned char *out, size_t n, enum filler kind, uint64_t seed)
{
	switch (kind) {
	case FILLER_RANDOM:
		fill_random(out, n, seed);
		break;
	case FILLER_IMAGE:
		fill_image(out, n, seed);
		break;
	case FILLER_TEXT:
		fill_mixture(out, n, &text, seed);
		break;
	case FILLER_CODE:
		fill_code(out, n, seed);
		break;
	}
}
