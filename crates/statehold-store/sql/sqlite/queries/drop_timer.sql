DELETE FROM timer
WHERE number = :number;
