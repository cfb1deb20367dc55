export { makeRedisCheck } from './client.ts';
