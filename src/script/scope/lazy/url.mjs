// URL and URLSearchParams (url.spec.whatwg.org).
export { URL, URLSearchParams } from 'whatwg-url';
