/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SHA-1 and SHA-2 instructions of ARMv8 (Arm ARM; FIPS 180-4), interleaved like
 * those of x86 (sha_x86.c).
 */
#include "crypto/sha_impl.h"

#if SHA_HAVE_ARM

#include <arm_neon.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#else
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#if defined(__ARM_FEATURE_SHA2) /* anyhow */
#define WITH_SHA
#elif defined(__clang__)
#define WITH_SHA TARGET("+sha2")
#else /* the name that arm_neon.h of gcc has for it */
#define WITH_SHA TARGET("+crypto")
#endif
#define HELPER ALWAYS_INLINE WITH_SHA

#if defined(__APPLE__)
static bool has(const char *name)
{
	int value = 0;
	size_t n = sizeof value;

	return sysctlbyname(name, &value, &n, NULL, 0) == 0 && value != 0;
}

static bool is_here(void)
{
	return has("hw.optional.arm.FEAT_SHA1") && has("hw.optional.arm.FEAT_SHA256");
}
#else
static bool is_here(void)
{
	unsigned long has = getauxval(AT_HWCAP);

	return (has & HWCAP_SHA1) != 0 && (has & HWCAP_SHA2) != 0;
}
#endif

HELPER uint32x4_t load(const unsigned char *p)
{
	return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(p)));
}

/* ---- SHA-256 ---- */

struct lane256 {
	uint32x4_t abcd, efgh;
	uint32x4_t w[4]; /* of the message schedule */
};

HELPER struct lane256 begin256(const uint32_t h[8])
{
	return (struct lane256){ .abcd = vld1q_u32(h), .efgh = vld1q_u32(h + 4) };
}

HELPER void end256(uint32_t h[8], const struct lane256 *l)
{
	vst1q_u32(h, l->abcd);
	vst1q_u32(h + 4, l->efgh);
}

HELPER void load256(struct lane256 *l, const unsigned char *p)
{
	for (size_t i = 0; i < 4; i++)
		l->w[i] = load(p + 16 * i);
}

/* Rounds 4i to 4i + 3, and the words that rounds 4i + 16 will need. */
HELPER void step256(struct lane256 *l, unsigned i)
{
	uint32x4_t *w = &l->w[i % 4];
	const uint32x4_t wk =
		vaddq_u32(*w, vld1q_u32(&sha256_constants[(size_t)4 * i]));
	const uint32x4_t abcd = l->abcd;

	l->abcd = vsha256hq_u32(abcd, l->efgh, wk);
	l->efgh = vsha256h2q_u32(l->efgh, abcd, wk);
	if (i < 12)
		*w = vsha256su1q_u32(vsha256su0q_u32(*w, l->w[(i + 1) % 4]),
		                     l->w[(i + 2) % 4], l->w[(i + 3) % 4]);
}

HELPER void add256(struct lane256 *l, const struct lane256 *before)
{
	l->abcd = vaddq_u32(l->abcd, before->abcd);
	l->efgh = vaddq_u32(l->efgh, before->efgh);
}

/* ---- SHA-1 ---- */

struct lane1 {
	uint32x4_t abcd;
	uint32_t e;
	uint32x4_t w[4];
};

HELPER struct lane1 begin1(const uint32_t h[5])
{
	return (struct lane1){ .abcd = vld1q_u32(h), .e = h[4] };
}

HELPER void end1(uint32_t h[5], const struct lane1 *l)
{
	vst1q_u32(h, l->abcd);
	h[4] = l->e;
}

HELPER void load1(struct lane1 *l, const unsigned char *p)
{
	for (size_t i = 0; i < 4; i++)
		l->w[i] = load(p + 16 * i);
}

/* Rounds 4i to 4i + 3 (FIPS 180-4, 4.1.1 and 4.2.1: a function and a constant for
 * each 20), and the words that rounds 4i + 16 will need. */
HELPER void step1(struct lane1 *l, unsigned i)
{
	static const uint32_t k[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	uint32x4_t *w = &l->w[i % 4];
	const uint32x4_t wk = vaddq_u32(*w, vdupq_n_u32(k[i / 5]));
	const uint32_t e = vsha1h_u32(vgetq_lane_u32(l->abcd, 0));

	if (i < 5)
		l->abcd = vsha1cq_u32(l->abcd, l->e, wk);
	else if (i >= 10 && i < 15)
		l->abcd = vsha1mq_u32(l->abcd, l->e, wk);
	else
		l->abcd = vsha1pq_u32(l->abcd, l->e, wk);
	l->e = e;
	if (i < 16)
		*w = vsha1su1q_u32(vsha1su0q_u32(*w, l->w[(i + 1) % 4],
		                                 l->w[(i + 2) % 4]),
		                   l->w[(i + 3) % 4]);
}

HELPER void add1(struct lane1 *l, const struct lane1 *before)
{
	l->abcd = vaddq_u32(l->abcd, before->abcd);
	l->e += before->e;
}

#include "crypto/sha_lanes.h"

const struct sha_kernel sha_arm = { .engine = SHA_ARM,
	                            .is_here = is_here,
	                            .both = both,
	                            .sha1 = lanes1,
	                            .sha256 = lanes256 };

#endif
