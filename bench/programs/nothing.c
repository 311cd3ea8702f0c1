// SPDX-License-Identifier: MIT
//
// Starts and ends, for the time that processes take.
int main(void)
{
    return 0;
}
