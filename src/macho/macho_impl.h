/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macho_impl.h - numbers of the format, for macho/ only (spec codesign.md 1.1, 1.2).
 */
#pragma once

#define MACHO_MAGIC_64                0xfeedfacfU
#define MACHO_MAGIC_32                0xfeedfaceU
#define MACHO_MAGIC_FAT               0xcafebabeU
#define MACHO_MAGIC_FAT64             0xcafebabfU

#define MACHO_LC_SEGMENT              0x01U
#define MACHO_LC_SYMTAB               0x02U
#define MACHO_LC_SEGMENT_64           0x19U
#define MACHO_LC_UUID                 0x1bU
#define MACHO_LC_CODE_SIGNATURE       0x1dU
#define MACHO_LC_ENCRYPTION_INFO      0x21U
#define MACHO_LC_VERSION_MIN_MACOSX   0x24U
#define MACHO_LC_VERSION_MIN_IPHONEOS 0x25U
#define MACHO_LC_DYLIB_CODE_SIGN_DRS  0x2bU
#define MACHO_LC_ENCRYPTION_INFO_64   0x2cU
#define MACHO_LC_VERSION_MIN_TVOS     0x2fU
#define MACHO_LC_VERSION_MIN_WATCHOS  0x30U
#define MACHO_LC_BUILD_VERSION        0x32U
