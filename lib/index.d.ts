export * from './generated/index.d.ts';
