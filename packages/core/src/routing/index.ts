export type { LearnedLimits, PerformanceView } from '../performance/performance-view.ts'
export type { TargetCondition } from '../selection/target-condition.ts'
