/** Shows a customer's week in `<div data-week>`, from the events beside it. */
