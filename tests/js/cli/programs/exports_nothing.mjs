export const silence = 0;
