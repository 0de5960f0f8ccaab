export * from './limit-store.ts'
export { createMemoryLimits, type MemoryLimits, type MemoryLimitsOptions } from './memory-limits.ts'
