/* The way into generated code and all ways back. C sees one call of exec_enter: nothing that the
 * code does to registers, flags or the stack pointer outlives it, since everything that is needed
 * afterwards lies in exec_state. */
#include "oracle/exec_state.h"

#include <asm/prctl.h>
#include <sys/syscall.h>

#define S(offset) (exec_state + offset)(%rip)

    .text
    .globl exec_enter, exec_return, exec_trap_exit, exec_fault_exit
    .globl exec_asm_begin, exec_asm_end, exec_thread_probe, exec_step_entry
    .hidden exec_enter, exec_return, exec_fault_exit, exec_asm_begin, exec_asm_end
    .hidden exec_thread_probe, exec_step_entry
    .type exec_enter, @function
    .type exec_trap_exit, @function

    .p2align 6
exec_enter:
    cmpl $0, S(AT_RUNNING)
    jne jumped_here
    .irp saved, rbp, rbx, r12, r13, r14, r15
    push %\saved
    .endr
    mov %rsp, S(AT_HOST_SP)
exec_asm_begin:
    stmxcsr S(AT_HOST_MXCSR)
    fnstcw S(AT_HOST_FCW)
    ldmxcsr default_mxcsr(%rip)

    mov S(AT_VECTORS), %eax
    cmp $VECTORS_AVX_CLEAN, %eax
    je fill_clean
    jb fill_xmm
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    vmovdqu S(AT_PATTERN + 8 * \n), %ymm\n
    .endr
    jmp fill_general
fill_clean:
    vzeroupper
fill_xmm:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movdqu S(AT_PATTERN + 8 * \n), %xmm\n
    .endr

fill_general:
    movl $1, S(AT_RUNNING)
    mov S(AT_ENTRY_SP), %rsp
    mov S(AT_IN + 8 * 0), %rax
    mov S(AT_IN + 8 * 1), %rcx
    mov S(AT_IN + 8 * 2), %rdx
    mov S(AT_IN + 8 * 3), %rbx
    mov S(AT_IN + 8 * 5), %rbp
    mov S(AT_IN + 8 * 6), %rsi
    mov S(AT_IN + 8 * 7), %rdi
    mov S(AT_IN + 8 * 8), %r8
    mov S(AT_IN + 8 * 9), %r9
    mov S(AT_IN + 8 * 10), %r10
    mov S(AT_IN + 8 * 11), %r11
    mov S(AT_IN + 8 * 12), %r12
    mov S(AT_IN + 8 * 13), %r13
    mov S(AT_IN + 8 * 14), %r14
    mov S(AT_IN + 8 * 15), %r15
    call *S(AT_ENTRY)

exec_return:
    mov %rsp, S(AT_OUT_SP)
    mov S(AT_HOST_SP), %rsp
    mov %rbx, S(AT_OUT + 8 * 0)
    mov %rbp, S(AT_OUT + 8 * 1)
    mov %r12, S(AT_OUT + 8 * 2)
    mov %r13, S(AT_OUT + 8 * 3)
    mov %r14, S(AT_OUT + 8 * 4)
    mov %r15, S(AT_OUT + 8 * 5)
    movl $KIND_RETURNED, S(AT_KIND)
leave:
exec_thread_probe: /* faults when fs is lost, which is an outcome as well */
    mov %fs:0, %rax
    mov %rax, S(AT_OUT_THREAD)
    cmp %rax, S(AT_THREAD)
    je thread_is_good
    call restore_thread
thread_is_good:
    movl $0, S(AT_RUNNING)
    stmxcsr S(AT_OUT_MXCSR)
    fnstcw S(AT_OUT_FCW)
    fnstsw S(AT_OUT_FSW)
    ldmxcsr S(AT_HOST_MXCSR)
    pushfq
    pop %rax
    mov %rax, S(AT_OUT_FLAGS)
    test $BAD_FLAGS, %eax
    jz flags_are_good
    push $0x202 /* interrupts enabled, and the bit that is always set */
    popfq
flags_are_good:
    cmpl $VECTORS_SSE, S(AT_VECTORS)
    je upper_is_clean
    vzeroupper
upper_is_clean:
    .irp saved, r15, r14, r13, r12, rbx, rbp
    pop %\saved
    .endr
    ret

/* Reached by jumps of generated code. */
exec_trap_exit:
    mov S(AT_HOST_SP), %rsp
    mov %edi, S(AT_CODE)
    movl $KIND_TRAPPED, S(AT_KIND)
    jmp leave

/* Reached by contexts that a handler rewrote; it has set kind and rsp. */
exec_fault_exit:
    jmp leave

/* Generated code must not get to store a stack pointer of its own. */
jumped_here:
    ud2
exec_asm_end:

/* The entry of calls that are watched: the handler goes on to theirs. */
exec_step_entry:
    int3

/* Points fs at the thread's data again. Changes rax, rcx, r11. */
restore_thread:
    push %rdi
    push %rsi
    mov $SYS_arch_prctl, %eax
    mov $ARCH_SET_FS, %edi
    mov S(AT_THREAD), %rsi
    syscall
    pop %rsi
    pop %rdi
    ret

/* Handlers begin here. Compiled code cannot run yet: the kernel leaves the alignment check of the
 * interrupted code on, and that code may have lost fs. (Signals of other threads, which must keep
 * theirs, do not come on this stack.) */
    .irp handler, fault, tick
    .globl exec_\handler\()_handler
    .hidden exec_\handler\()_handler, exec_on_\handler
exec_\handler\()_handler:
    pushfq
    andl $~BAD_FLAGS, (%rsp)
    popfq
    mov %rsp, %rax
    sub S(AT_SIGNAL_STACK), %rax
    cmp $SIGNAL_STACK_SIZE, %rax
    jae 1f
    cmpl $0, S(AT_RUNNING)
    je 1f
    call restore_thread
1:  jmp exec_on_\handler
    .endr

    .globl exec_signal_return
    .hidden exec_signal_return
/* Debuggers and unwinders know a signal's frame by these very bytes at its return address. */
exec_signal_return:
    mov $15, %rax
    syscall
    .size exec_enter, . - exec_enter

    .section .rodata
    .p2align 2
default_mxcsr:
    .long DEFAULT_MXCSR

    .section .note.GNU-stack, "", @progbits
