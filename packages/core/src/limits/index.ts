export { createLimiter } from './limiter.ts'
export { createMemoryLimits } from './memory-limits.ts'
