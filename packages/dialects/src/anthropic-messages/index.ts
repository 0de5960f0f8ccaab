export { dialect as name } from './names.ts'
