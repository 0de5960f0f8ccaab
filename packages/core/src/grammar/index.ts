export * from './grammar-checker.ts'
