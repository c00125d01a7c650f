/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-NI (Intel SDM; FIPS 180-4).  Each round waits for the one before, and the
 * instructions for rounds have twice the latency that they occupy their unit.  So the
 * two hashes of a block, or one hash of several pages, are interleaved.
 */
#include "crypto/sha_impl.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA TARGET("sha,sse4.1")
#define HELPER   ALWAYS_INLINE WITH_SHA

static bool is_here(void)
{
	unsigned a = 0, b = 0, c = 0, d = 0;

	if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0 ||
	    (c & bit_SSSE3) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

/* a in the highest element. */
HELPER __m128i vector(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	return _mm_set_epi32((int)a, (int)b, (int)c, (int)d);
}

HELPER __m128i load(const unsigned char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* ---- SHA-256 ---- */

struct lane256 {
	__m128i abef, cdgh; /* the state, the first letter highest */
	__m128i w[4];       /* of the message schedule, the first word lowest */
};

HELPER struct lane256 begin256(const uint32_t h[8])
{
	return (struct lane256){ .abef = vector(h[0], h[1], h[4], h[5]),
		                 .cdgh = vector(h[2], h[3], h[6], h[7]) };
}

HELPER void end256(uint32_t h[8], const struct lane256 *l)
{
	h[0] = (uint32_t)_mm_extract_epi32(l->abef, 3);
	h[1] = (uint32_t)_mm_extract_epi32(l->abef, 2);
	h[2] = (uint32_t)_mm_extract_epi32(l->cdgh, 3);
	h[3] = (uint32_t)_mm_extract_epi32(l->cdgh, 2);
	h[4] = (uint32_t)_mm_extract_epi32(l->abef, 1);
	h[5] = (uint32_t)_mm_extract_epi32(l->abef, 0);
	h[6] = (uint32_t)_mm_extract_epi32(l->cdgh, 1);
	h[7] = (uint32_t)_mm_extract_epi32(l->cdgh, 0);
}

HELPER void load256(struct lane256 *l, const unsigned char *p)
{
	const __m128i order =
		_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);

	for (size_t i = 0; i < 4; i++)
		l->w[i] = _mm_shuffle_epi8(load(p + 16 * i), order);
}

/* Rounds 4i to 4i + 3, and the words that rounds 4i + 16 will need. */
HELPER void step256(struct lane256 *l, unsigned i)
{
	__m128i *w = &l->w[i % 4];
	const __m128i w1 = l->w[(i + 1) % 4], w2 = l->w[(i + 2) % 4],
		      w3 = l->w[(i + 3) % 4];
	const __m128i k = _mm_load_si128(
		(const __m128i *)(const void *)&sha256_constants[(size_t)4 * i]);
	__m128i wk = _mm_add_epi32(*w, k);

	l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, wk);
	wk = _mm_shuffle_epi32(wk, 0x0e);
	l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh, wk);
	if (i < 12)
		*w = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*w, w1),
		                                        _mm_alignr_epi8(w3, w2, 4)),
		                          w3);
}

HELPER void add256(struct lane256 *l, const struct lane256 *before)
{
	l->abef = _mm_add_epi32(l->abef, before->abef);
	l->cdgh = _mm_add_epi32(l->cdgh, before->cdgh);
}

/* ---- SHA-1 ---- */

struct lane1 {
	__m128i abcd; /* the first letter highest */
	__m128i e;    /* highest; within a block: abcd of four rounds before */
	__m128i w[4]; /* the first word highest */
};

HELPER struct lane1 begin1(const uint32_t h[5])
{
	return (struct lane1){ .abcd = vector(h[0], h[1], h[2], h[3]),
		               .e = vector(h[4], 0, 0, 0) };
}

HELPER void end1(uint32_t h[5], const struct lane1 *l)
{
	h[0] = (uint32_t)_mm_extract_epi32(l->abcd, 3);
	h[1] = (uint32_t)_mm_extract_epi32(l->abcd, 2);
	h[2] = (uint32_t)_mm_extract_epi32(l->abcd, 1);
	h[3] = (uint32_t)_mm_extract_epi32(l->abcd, 0);
	h[4] = (uint32_t)_mm_extract_epi32(l->e, 3);
}

HELPER void load1(struct lane1 *l, const unsigned char *p)
{
	const __m128i order =
		_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

	for (size_t i = 0; i < 4; i++)
		l->w[i] = _mm_shuffle_epi8(load(p + 16 * i), order);
}

/* Four rounds with the f-th function; the instruction has it as a literal. */
HELPER __m128i rounds1(__m128i abcd, __m128i ew, unsigned f)
{
	switch (f) {
	case 0:
		return _mm_sha1rnds4_epu32(abcd, ew, 0);
	case 1:
		return _mm_sha1rnds4_epu32(abcd, ew, 1);
	case 2:
		return _mm_sha1rnds4_epu32(abcd, ew, 2);
	default:
		return _mm_sha1rnds4_epu32(abcd, ew, 3);
	}
}

/* Rounds 4i to 4i + 3, and the words that rounds 4i + 16 will need. */
HELPER void step1(struct lane1 *l, unsigned i)
{
	__m128i *w = &l->w[i % 4];
	const __m128i w1 = l->w[(i + 1) % 4], w2 = l->w[(i + 2) % 4],
		      w3 = l->w[(i + 3) % 4];
	const __m128i ew =
		i == 0 ? _mm_add_epi32(l->e, *w) : _mm_sha1nexte_epu32(l->e, *w);

	l->e = l->abcd;
	l->abcd = rounds1(l->abcd, ew, i / 5);
	if (i < 16)
		*w = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(*w, w1), w2),
		                        w3);
}

HELPER void add1(struct lane1 *l, const struct lane1 *before)
{
	l->abcd = _mm_add_epi32(l->abcd, before->abcd);
	l->e = _mm_sha1nexte_epu32(l->e, before->e);
}

#include "crypto/sha_lanes.h"

const struct sha_kernel sha_x86 = { .engine = SHA_X86,
	                            .is_here = is_here,
	                            .both = both,
	                            .sha1 = lanes1,
	                            .sha256 = lanes256 };

#endif
