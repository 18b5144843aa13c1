/* throw(handler, x, y, framed): what a run-time system does that raises an exception in a function
 * it is called from. It restores that frame, brings two values, and loses every other register.
 * `framed`: rbp holds the frame. */
#ifndef TESTS_THROW_H
#define TESTS_THROW_H

extern const char throw[];

#define LOSE(reg) "    mov $0x5eed, %" #reg "\n"
#define LOSE_XMM(n) "    pcmpeqd %xmm" #n ", %xmm" #n "\n"

__asm__(".text\n"
        ".globl throw\n"
        "throw:\n"
        "    add $8, %rsp\n"
        "    mov %rdi, -64(%rsp)\n"
        "    mov %rsi, %rax\n"
        "    test %rcx, %rcx\n"
        "    jnz 1f\n"
        LOSE(rbp)
        "1:\n"
        LOSE(rbx) LOSE(rcx) LOSE(rsi) LOSE(rdi) LOSE(r8) LOSE(r9) LOSE(r10) LOSE(r11) LOSE(r12)
        LOSE(r13) LOSE(r14) LOSE(r15)
        LOSE_XMM(0) LOSE_XMM(1) LOSE_XMM(2) LOSE_XMM(3) LOSE_XMM(4) LOSE_XMM(5) LOSE_XMM(6)
        LOSE_XMM(7) LOSE_XMM(8) LOSE_XMM(9) LOSE_XMM(10) LOSE_XMM(11) LOSE_XMM(12) LOSE_XMM(13)
        LOSE_XMM(14) LOSE_XMM(15)
        "    jmp *-64(%rsp)\n");

#undef LOSE
#undef LOSE_XMM

#endif
