export * from './held-by.ts'
export * from './scope.ts'
