// SPDX-License-Identifier: MIT
//
// Ends one reading of table.def. Included as often as the table is, so without #pragma once.
#undef SYS0
#undef SYS1
#undef SYS2
#undef SYS3
#undef SYS4
#undef SYS5
#undef SYS6
#undef ABSENT
